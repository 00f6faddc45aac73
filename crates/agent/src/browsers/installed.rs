//! Programs that say of themselves that they are browsers (Desktop Entry Specification).

use std::path::Path;

use daypass_shared_files::ini::Document;

use super::{MAX_FOUND, ini, is_name};
use crate::programs::Programs;

/// The most files of a folder that are looked at.
const MAX_FILES: usize = 4096;

/// A browser that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    /// The name of its entry, without `.desktop`.
    pub(super) id: String,
    pub(super) name: String,
    /// Program and arguments; the address goes between them.
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
}

/// All of them, by name. An entry of the person's own comes before the system's.
pub(super) fn all(programs: &Programs) -> Vec<Installed> {
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for folder in &programs.data {
        for id in ids(&folder.join("applications")) {
            if seen.contains(&id) {
                continue;
            }
            found.extend(read(programs, folder, &id));
            seen.push(id);
        }
    }
    found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    found.truncate(MAX_FOUND);
    found
}

/// The one of that id.
pub(super) fn find(programs: &Programs, id: &str) -> Option<Installed> {
    // It becomes part of a path.
    if id.contains('/') || !is_name(id) {
        return None;
    }
    let has = |folder: &&std::path::PathBuf| {
        folder
            .join("applications")
            .join(format!("{id}.desktop"))
            .exists()
    };
    read(programs, programs.data.iter().find(has)?, id)
}

fn ids(folder: &Path) -> Vec<String> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let mut ids: Vec<String> = entries
        .take(MAX_FILES)
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(name.strip_suffix(".desktop")?.to_owned())
        })
        .filter(|id| is_name(id))
        .collect();
    ids.sort();
    ids
}

fn read(programs: &Programs, folder: &Path, id: &str) -> Option<Installed> {
    let file = ini(&folder.join("applications").join(format!("{id}.desktop")))?;
    let browser = parse(&file, id)?;
    let tried = value(&file, "tryexec");
    if tried.is_some_and(|program| programs.find(&program).is_none()) {
        return None;
    }
    programs.find(browser.before.first()?)?;
    Some(browser)
}

fn parse(file: &Document, id: &str) -> Option<Installed> {
    let is = |key: &str| value(file, key).is_some_and(|value| value == "true");
    let categories = value(file, "categories")?;
    let shown = !is("hidden") && !is("nodisplay") && !is("terminal");
    if !shown || !categories.split(';').any(|one| one == "WebBrowser") {
        return None;
    }
    let name = value(file, "name").filter(|name| is_name(name))?;
    let (before, after) = split(words(&value(file, "exec")?)?)?;
    Some(Installed {
        id: id.to_owned(),
        name,
        before,
        after,
    })
}

/// A value of the entry, with its escapes resolved.
fn value(file: &Document, key: &str) -> Option<String> {
    let section = file.section("Desktop Entry")?;
    let value = file.own(section, key)?;
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next()? {
                's' => text.push(' '),
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                '\\' => text.push('\\'),
                other => text.extend(['\\', other]),
            },
            letter => text.push(letter),
        }
    }
    Some(text)
}

/// The words of an `Exec` line; nothing where its quotes do not end.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().push(letters.next()?),
            letter if letter.is_whitespace() && !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

/// What comes before the address, and what after. Entries that want it within a word are none that
/// can be used.
fn split(words: Vec<String>) -> Option<(Vec<String>, Vec<String>)> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut placed = false;
    for word in words {
        match word.as_str() {
            "%u" | "%U" | "%f" | "%F" => placed = true,
            // Flatpak's marks around files that it is to let through.
            "@@" | "@@u" | "@@f" => {}
            code if is_field_code(code) => {}
            text => {
                let text = plain(text)?;
                if placed {
                    after.push(text);
                } else {
                    before.push(text);
                }
            }
        }
    }
    Some((before, after))
}

fn is_field_code(word: &str) -> bool {
    word.len() == 2 && word.starts_with('%') && word != "%%"
}

/// A word without field codes.
fn plain(word: &str) -> Option<String> {
    let without = word.replace("%%", "");
    (!without.contains('%')).then(|| word.replace("%%", "%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Option<Installed> {
        let text = format!("[Desktop Entry]\nType=Application\n{text}");
        parse(&Document::parse(&text).ok()?, "x")
    }

    #[test]
    fn an_exec_line_is_split_where_the_address_goes() {
        let of = |exec: &str| {
            let found = entry(&format!(
                "Name=X\nCategories=Network;WebBrowser;\nExec={exec}"
            ))?;
            Some((found.before.join("|"), found.after.join("|")))
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(of("/usr/bin/chromium %U"), pair("/usr/bin/chromium", ""));
        assert_eq!(of("firefox"), pair("firefox", ""));
        assert_eq!(
            of("env A=b \"/opt/my browser/x\" --new %u --last"),
            pair("env|A=b|/opt/my browser/x|--new", "--last")
        );
        assert_eq!(
            of("flatpak run --file-forwarding org.x.Y @@u %U @@"),
            pair("flatpak|run|--file-forwarding|org.x.Y", "")
        );
        assert_eq!(of("x --rate=5%% %i %u"), pair("x|--rate=5%", ""));
        assert_eq!(of(r#"x "a\\"b" %u"#), pair("x|a\"b", ""));
        assert_eq!(of("x --url=%u"), None);
        assert_eq!(of("\"x"), None);
    }

    #[test]
    fn only_browsers_that_are_shown_count() {
        let rows = [
            ("Name=X\nCategories=WebBrowser\nExec=x", true),
            ("Name=X\nCategories=Network;\nExec=x", false),
            ("Name=X\nCategories=NotAWebBrowser;\nExec=x", false),
            ("Name=X\nCategories=WebBrowser\nExec=x\nHidden=true", false),
            (
                "Name=X\nCategories=WebBrowser\nExec=x\nNoDisplay=true",
                false,
            ),
            ("Name=X\nCategories=WebBrowser", false),
            ("Name=-x\nCategories=WebBrowser\nExec=x", false),
            ("Name=a\\nb\nCategories=WebBrowser\nExec=x", false),
            ("Categories=WebBrowser\nExec=x", false),
        ];
        for (text, good) in rows {
            assert_eq!(entry(text).is_some(), good, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_entry_is_survived(text in "\\PC{0,60}") {
            let _ = entry(&format!("Name=X\nCategories=WebBrowser\nExec={text}"));
            let _ = words(&text).and_then(split);
        }
    }
}
