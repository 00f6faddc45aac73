//! Keys that show the window from anywhere, as a person writes them: `Ctrl+Alt+D`.

use std::str::FromStr;

use crate::problem::{Code, Problem};

/// A key with what is held down besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortcut {
    /// Control.
    pub ctrl: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// The key with the desktop's logo.
    pub logo: bool,
    /// The key itself.
    pub key: Key,
}

/// A key that every keyboard has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A letter, lower case, or a digit.
    Text(char),
    /// The space bar.
    Space,
    /// F1 to F12, by its number.
    Function(u8),
}

impl FromStr for Shortcut {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        parse(text).ok_or_else(|| not_understood(text))
    }
}

fn parse(text: &str) -> Option<Shortcut> {
    let lower = text.to_ascii_lowercase();
    let mut words: Vec<&str> = lower.split('+').map(str::trim).collect();
    let mut shortcut = Shortcut {
        ctrl: false,
        alt: false,
        shift: false,
        logo: false,
        key: key(words.pop()?)?,
    };
    for word in words {
        let held = match word {
            "ctrl" | "control" => &mut shortcut.ctrl,
            "alt" => &mut shortcut.alt,
            "shift" => &mut shortcut.shift,
            "super" | "meta" | "win" => &mut shortcut.logo,
            _ => return None,
        };
        if std::mem::replace(held, true) {
            return None;
        }
    }
    // Alone, or with Shift, such a key is for typing.
    let types = !matches!(shortcut.key, Key::Function(_));
    let is_held = shortcut.ctrl || shortcut.alt || shortcut.logo;
    (is_held || !types).then_some(shortcut)
}

fn key(word: &str) -> Option<Key> {
    if word == "space" {
        return Some(Key::Space);
    }
    let mut letters = word.chars();
    match (letters.next()?, letters.as_str()) {
        (letter, "") if letter.is_ascii_alphanumeric() => Some(Key::Text(letter)),
        ('f', number) => {
            let number = number.parse().ok()?;
            (1..=12).contains(&number).then_some(Key::Function(number))
        }
        _ => None,
    }
}

fn not_understood(text: &str) -> Problem {
    Problem::yours(
        Code::Usage,
        format!("The shortcut {text:?} is not understood."),
        "Write it like Ctrl+Alt+D: Ctrl, Alt, Shift or Super, and with them a letter, a digit, Space or F1 to F12.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Shortcut = Shortcut {
        ctrl: false,
        alt: false,
        shift: false,
        logo: false,
        key: Key::Space,
    };

    #[test]
    fn shortcuts_are_read_as_people_write_them() {
        let rows = [
            (
                "Ctrl+Alt+D",
                Shortcut {
                    ctrl: true,
                    alt: true,
                    key: Key::Text('d'),
                    ..PLAIN
                },
            ),
            (
                "super + space",
                Shortcut {
                    logo: true,
                    ..PLAIN
                },
            ),
            (
                "F9",
                Shortcut {
                    key: Key::Function(9),
                    ..PLAIN
                },
            ),
            (
                "SHIFT+CONTROL+5",
                Shortcut {
                    ctrl: true,
                    shift: true,
                    key: Key::Text('5'),
                    ..PLAIN
                },
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none_says_how_one_is_written() {
        for bad in [
            "",
            "+",
            "D",
            "Shift+D",
            "Ctrl",
            "Ctrl+",
            "Ctrl+Ctrl+D",
            "Hyper+D",
            "Ctrl+F13",
            "Ctrl+ß",
            "Ctrl+DD",
            "F0",
            "Ctrl+Alt+D+E",
            "F+1",
        ] {
            let why = bad.parse::<Shortcut>().unwrap_err();
            assert!(why.todo.contains("Ctrl+Alt+D"), "{bad}");
        }
    }
}
