// A shortcut from the keys that are pressed, written like `Ctrl+Alt+D`.

const MODIFIERS = [
  ['ctrlKey', 'Ctrl'],
  ['altKey', 'Alt'],
  ['shiftKey', 'Shift'],
  ['metaKey', 'Super'],
] as const;

/** The keys that a shortcut may have (crates/core/src/shortcut.rs). */
const KEYS = /^(?:Key([A-Z])|Digit(\d)|(F(?:[1-9]|1[0-2]))|(Space))$/;

/** A letter is the one on the key, whatever the layout; a digit is the same with and without Shift. */
function keyOf({ key, code }: KeyboardEvent): string | null {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  return KEYS.exec(code)?.slice(1).find(Boolean) ?? null;
}

export interface Pressed {
  /** The modifiers that are held, each with its plus sign. */
  held: string;
  /** The whole shortcut, once there is one. */
  shortcut: string | null;
}

/** A single key, or one with Shift alone, would be taken from every other program's typing. */
export function pressed(event: KeyboardEvent): Pressed {
  const held = MODIFIERS.filter(([key]) => event[key])
    .map(([, name]) => `${name}+`)
    .join('');
  const key = keyOf(event);
  const enough = event.ctrlKey || event.altKey || event.metaKey;
  return { held, shortcut: key !== null && enough ? held + key : null };
}
