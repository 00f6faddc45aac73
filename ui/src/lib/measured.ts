// Sizes that the style sheet decides and a script must know.

import type { Attachment } from 'svelte/attachments';

/** Tells an element's height, now and whenever it changes; in parts of a pixel. */
export function measured(tell: (height: number) => void): Attachment<HTMLElement> {
  return (element) => {
    const look = (): void => {
      const { height } = element.getBoundingClientRect();
      if (height > 0) tell(height);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  };
}

/** Makes an element so high. By script, as the content security policy has no room for styles. */
export function high(height: number): Attachment<HTMLElement> {
  return (element) => {
    element.style.height = `${height}px`;
  };
}

/** What a menu stands beneath, as the bottom of its box in the window. */
export type Anchor = Pick<DOMRect, 'bottom'>;

/** How near to the window's edge a menu may come. */
const EDGE = 8;

/** Puts a menu below what it belongs to, or as far up as it must be to fit. */
export function below(anchor: Anchor): Attachment<HTMLElement> {
  return (element) => {
    const place = (): void => {
      const lowest = innerHeight - element.offsetHeight - EDGE;
      element.style.top = `${Math.max(EDGE, Math.min(anchor.bottom, lowest))}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    return () => observer.disconnect();
  };
}
