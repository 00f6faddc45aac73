// Where the cursor goes when a form comes, and what Escape closes.

import type { Attachment } from 'svelte/attachments';

/** Whether something is a field that is typed into. */
export function isField(element: unknown): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** Of radio buttons only the chosen one is a stop for the keyboard. */
const FIRST = 'input:not([type="radio"]), input:checked, select, textarea, button';

/** Where somebody begins in a form. */
export function firstIn(form: Element | null | undefined): HTMLElement | null {
  return form?.querySelector<HTMLElement>(FIRST) ?? null;
}

/** Puts it into a form's first field, unless somebody is at another one, such as a code's. */
export function begin(field: HTMLElement | undefined): void {
  if (!isField(document.activeElement)) field?.focus();
}

/** Closes an element with Escape, also after a click on plain text left the focus to the page. */
export function escapes(close: () => void): Attachment<HTMLElement> {
  return (element) => {
    const onkeydown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (event.target !== document.body && !element.contains(event.target as Node)) return;
      event.preventDefault();
      close();
    };
    document.addEventListener('keydown', onkeydown);
    return () => document.removeEventListener('keydown', onkeydown);
  };
}
