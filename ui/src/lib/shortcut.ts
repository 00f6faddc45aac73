// A shortcut from the keys that are pressed, as Tauri's global shortcuts are written: `Ctrl+Alt+D`.

const MODIFIERS = [
  ['ctrlKey', 'Ctrl'],
  ['altKey', 'Alt'],
  ['shiftKey', 'Shift'],
  ['metaKey', 'Super'],
] as const;

/** By `KeyboardEvent.code`, so that it is the same key with and without Shift. */
const NAMED =
  /^(?:Space|Enter|Insert|Home|End|PageUp|PageDown|Arrow(?:Up|Down|Left|Right)|Minus|Equal|Comma|Period|Slash|Semicolon|Quote|Backquote|Backslash|Bracket(?:Left|Right))$/;

function keyOf(code: string): string | null {
  const letter = /^(?:Key([A-Z])|Digit(\d)|(F(?:[1-9]|1\d|2[0-4])))$/.exec(code);
  if (letter !== null) return letter[1] ?? letter[2] ?? letter[3] ?? null;
  return NAMED.test(code) ? code : null;
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
  const key = keyOf(event.code);
  const enough = event.ctrlKey || event.altKey || event.metaKey;
  return { held, shortcut: key !== null && enough ? held + key : null };
}
