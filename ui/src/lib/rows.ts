// Which lines of a long list are in view. Only those are drawn.

/** From a line to before another. */
export interface Window {
  first: number;
  last: number;
}

/** Where each line begins, and at the end where the last one ends. */
export function edges(heights: readonly number[]): number[] {
  const all = [0];
  let at = 0;
  for (const height of heights) all.push((at += height));
  return all;
}

/** The lines between two heights, and so many more on either side. */
export function windowOf(
  lines: readonly number[],
  from: number,
  to: number,
  more: number,
): Window {
  const count = lines.length - 1;
  if (count <= 0) return { first: 0, last: 0 };
  const first = lineAt(lines, from);
  const last = lineAt(lines, to) + 1;
  return { first: Math.max(0, first - more), last: Math.min(count, last + more) };
}

/** How far to scroll for what lies between two heights to be in view; 0 where it is. */
export function scrollBy(
  line: { top: number; bottom: number },
  view: { top: number; bottom: number },
): number {
  if (line.top < view.top) return line.top - view.top;
  return Math.max(0, Math.min(line.bottom - view.bottom, line.top - view.top));
}

/** The line that a height lies in; the first or the last one where it lies beyond. */
function lineAt(lines: readonly number[], height: number): number {
  let low = 0;
  let high = lines.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}
