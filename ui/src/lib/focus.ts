// Where the cursor goes when a form comes.

/** Puts it into a form's first field, unless somebody is at another one, such as a code's. */
export function begin(field: HTMLElement | undefined): void {
  const active = document.activeElement;
  if (active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement) return;
  field?.focus();
}
