// Tells the popup's process while something is being typed that must not go with the window, nor
// the process with that while it is hidden.

import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

import { keepOpen, sawSecret } from './agent';

const typing = new Set<HTMLElement>();
/** Forms that have something typed, or under way. */
const filled = new Set<HTMLElement>();
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

/** Whether something typed, or under way, would go with the page; not what stands in `above`, which stays. */
export function isUnfinished(above: HTMLElement | undefined): boolean {
  return [...filled].some((form) => !above?.contains(form));
}

/** For a form: keeps the window open while it has the focus, or something typed or under way. */
export function keepsOpen(isFilled: () => boolean): Attachment<HTMLElement> {
  return (form) => {
    // No state: a field that leaves the page loses the focus while Svelte draws.
    let focused = form.contains(document.activeElement);
    const note = (): void => {
      if (isFilled()) filled.add(form);
      else filled.delete(form);
      // A hidden window is kept for what was typed, not for where the focus is.
      if ((focused && !document.hidden) || filled.has(form)) typing.add(form);
      else typing.delete(form);
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
    const onvisible = (): void => untrack(note);
    form.addEventListener('focusin', onfocusin);
    form.addEventListener('focusout', onfocusout);
    document.addEventListener('visibilitychange', onvisible);
    $effect(() => {
      // Read whether or not it has the focus now, so that it is heard of later.
      isFilled();
      untrack(note);
    });
    return () => {
      form.removeEventListener('focusin', onfocusin);
      form.removeEventListener('focusout', onfocusout);
      document.removeEventListener('visibilitychange', onvisible);
      typing.delete(form);
      filled.delete(form);
      void tell();
    };
  };
}
