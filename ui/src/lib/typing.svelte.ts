// Tells the popup's process while something is being typed that must not go with the window.

import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

import { keepOpen, sawSecret } from './agent';

const typing = new Set<symbol>();
/** Forms that have something typed. */
const filled = new Set<symbol>();
let secret = false;
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

/** Says that a secret may be typed by now, so that this process ends with its window. */
export function typesSecret(): void {
  secret = true;
  sawSecret().catch(() => {});
}

/** Whether something typed would go for good with the window. */
export function wouldLose(): boolean {
  return secret && filled.size > 0;
}

/** For a form: keeps the window open while it has the focus, or something typed. */
export function keepsOpen(isFilled: () => boolean): Attachment<HTMLElement> {
  return (form) => {
    const self = Symbol();
    // No state: a field that leaves the page loses the focus while Svelte draws.
    let focused = form.contains(document.activeElement);
    const note = (): void => {
      if (isFilled()) filled.add(self);
      else filled.delete(self);
      if (focused || filled.has(self)) typing.add(self);
      else typing.delete(self);
      void tell();
    };
    const onfocusin = (): void => {
      focused = true;
      untrack(note);
    };
    // While another window has the focus, this one's page remembers where it was.
    const onfocusout = ({ relatedTarget }: FocusEvent): void => {
      focused =
        form.contains(relatedTarget as Node | null) || form.contains(document.activeElement);
      untrack(note);
    };
    form.addEventListener('focusin', onfocusin);
    form.addEventListener('focusout', onfocusout);
    $effect(() => {
      // Read whether or not it has the focus now, so that it is heard of later.
      isFilled();
      untrack(note);
    });
    return () => {
      form.removeEventListener('focusin', onfocusin);
      form.removeEventListener('focusout', onfocusout);
      typing.delete(self);
      filled.delete(self);
      void tell();
    };
  };
}
