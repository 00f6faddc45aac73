//! The words in the sources of what people see: each literal of them, as a template.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

/// Where words stand that a window, a notification or the tray may show.
const FOLDERS: [&str; 5] = [
    "crates/agent/src",
    "crates/client/src",
    "crates/core/src",
    "crates/shared-files/src",
    "src-tauri/src",
];
/// What holds no words of ours: the languages themselves.
const LANGUAGES: &str = "crates/core/src/language";
/// Macros whose first literal is a format string.
const FORMATS: [&str; 7] = [
    "eprintln",
    "format",
    "format_args",
    "print",
    "println",
    "write",
    "writeln",
];
/// Macros whose words go to the log, to the compiler, or to whoever wrote a mistake.
const UNSEEN: [&str; 11] = [
    "assert",
    "assert_eq",
    "debug",
    "debug_assert",
    "error",
    "include_image",
    "include_str",
    "info",
    "trace",
    "unreachable",
    "warn",
];

/// A literal of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The file it stands in, from the workspace on.
    pub(crate) file: String,
    /// Its text, with `{}` for each thing that a format string puts in.
    pub(crate) text: String,
    /// Whether it is said in a language right there.
    pub(crate) is_said: bool,
}

/// Every literal but those of tests, attributes and the log.
pub(crate) fn literals() -> Vec<Found> {
    let workspace = workspace();
    let mut found = Vec::new();
    for folder in FOLDERS {
        for file in files(&workspace.join(folder)) {
            let name = file.strip_prefix(&workspace).unwrap().to_str().unwrap();
            if name.starts_with(LANGUAGES) || is_tests(name) {
                continue;
            }
            let source = fs::read_to_string(&file).unwrap();
            let within = Within::default();
            for (text, is_said) in texts(source.parse().unwrap(), within) {
                found.push(Found {
                    file: name.to_owned(),
                    text,
                    is_said,
                });
            }
        }
    }
    found
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn is_tests(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// What some tokens stand in.
#[derive(Clone, Copy, Default)]
struct Within {
    /// A format macro, whose first literal has holes.
    formats: bool,
    /// The arguments of `say`.
    is_said: bool,
}

/// The literals of some tokens, and whether each is said right there.
fn texts(tokens: TokenStream, mut within: Within) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    let mut before = [String::new(), String::new()];
    while let Some(token) = tokens.next() {
        let written = token.to_string();
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if attribute(&mut tokens).as_deref().is_some_and(is_for_tests) {
                    skip_item(&mut tokens);
                }
            }
            TokenTree::Literal(literal) => {
                if let Some(text) = text(literal) {
                    let text = if within.formats {
                        template(&text)
                    } else {
                        text
                    };
                    found.push((text, within.is_said));
                    within.formats = false;
                }
            }
            TokenTree::Group(group) => {
                if let Some(within) = inside(&before, within) {
                    found.extend(texts(group.stream(), within));
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        let [_, last] = before;
        before = [last, written];
    }
    found
}

/// What a group stands in, by the two tokens before it; nothing where nobody sees it.
fn inside([before, last]: &[String; 2], within: Within) -> Option<Within> {
    if last == "!" {
        let formats = FORMATS.contains(&before.as_str());
        let is_said = within.is_said;
        return (!UNSEEN.contains(&before.as_str())).then_some(Within { formats, is_said });
    }
    Some(Within {
        formats: false,
        is_said: last == "say",
    })
}

type Tokens = std::iter::Peekable<proc_macro2::token_stream::IntoIter>;

/// The attribute after a `#`, as it is written.
fn attribute(tokens: &mut Tokens) -> Option<String> {
    if matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!') {
        tokens.next();
    }
    let is_attribute = |group: &Group| group.delimiter() == Delimiter::Bracket;
    match tokens.peek() {
        Some(TokenTree::Group(group)) if is_attribute(group) => {
            let text = group.stream().to_string();
            tokens.next();
            Some(text)
        }
        _ => None,
    }
}

fn is_for_tests(attribute: &str) -> bool {
    attribute.replace(' ', "") == "cfg(test)" || attribute == "test"
}

/// Passes over what an attribute is about: to its braces, or its semicolon.
fn skip_item(tokens: &mut Tokens) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            _ => {}
        }
    }
}

/// What a string literal says; nothing where it is a number, a byte or a character.
fn text(literal: Literal) -> Option<String> {
    match syn::Lit::new(literal) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// A format string with `{}` for each thing that it puts in.
fn template(format: &str) -> String {
    let mut template = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        template.push_str(before);
        let doubled = from.starts_with("{{") || from.starts_with("}}");
        let end = match doubled {
            true => 2,
            false => from.find('}').unwrap() + 1,
        };
        template.push_str(if doubled { &from[..1] } else { "{}" });
        rest = &from[end..];
    }
    template + rest
}
