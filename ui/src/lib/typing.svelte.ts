// Tells the popup's process while something is being typed that must not go with the window.

import type { Attachment } from 'svelte/attachments';

import { keepOpen } from './agent';

const typing = new Set<symbol>();
/** What the process was told last, and whether it is being told. */
let told = false;
let telling = false;

/** One message at a time, and none that says the same again. */
async function tell(): Promise<void> {
  if (telling) return;
  telling = true;
  // What begins where something else ends is no end.
  await Promise.resolve();
  while (told !== typing.size > 0) {
    told = typing.size > 0;
    try {
      await keepOpen(told);
    } catch {
      // A process of another version may not know of it; the window then goes as it always did.
    }
  }
  telling = false;
}

/** For a form: keeps the window open while it has the focus, or something typed. */
export function keepsOpen(filled: () => boolean): Attachment<HTMLElement> {
  return (form) => {
    const self = Symbol();
    let focused = $state(form.contains(document.activeElement));
    const onfocusin = (): void => {
      focused = true;
    };
    // While another window has the focus, this one's page remembers where it was.
    const onfocusout = ({ relatedTarget }: FocusEvent): void => {
      focused =
        form.contains(relatedTarget as Node | null) || form.contains(document.activeElement);
    };
    form.addEventListener('focusin', onfocusin);
    form.addEventListener('focusout', onfocusout);
    $effect(() => {
      if (focused || filled()) typing.add(self);
      else typing.delete(self);
      void tell();
    });
    return () => {
      form.removeEventListener('focusin', onfocusin);
      form.removeEventListener('focusout', onfocusout);
      typing.delete(self);
      void tell();
    };
  };
}
