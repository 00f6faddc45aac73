// A tooltip for a text that is cut off, and only then: it would repeat what can be read.

import type { Attachment } from 'svelte/attachments';

/** Tall glyphs of a fallback font stick out by less than a line; a hidden line by more. */
const LINE = 8;

/** Gives an element its text as a title when a pointer comes while the text is clipped. */
export function titleWhenClipped(text: string): Attachment<HTMLElement> {
  return (element) => {
    const decide = (): void => {
      const clipped =
        element.scrollWidth > element.clientWidth ||
        element.scrollHeight > element.clientHeight + LINE;
      if (clipped) element.title = text;
      else element.removeAttribute('title');
    };
    element.addEventListener('pointerenter', decide);
    return () => {
      element.removeEventListener('pointerenter', decide);
      element.removeAttribute('title');
    };
  };
}
