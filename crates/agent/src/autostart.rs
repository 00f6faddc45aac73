//! Starting when the person logs in (Desktop Application Autostart Specification): an entry of
//! ours, as long as it is as we wrote it. One that somebody has edited, or switched off in the
//! desktop's settings, is theirs.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use daypass_core::problem::{Code, Problem};
use daypass_shared_files::file;

const NAME: &str = "daypass.desktop";

/// The entry in a folder for settings.
#[derive(Debug, Clone)]
pub struct Autostart {
    entry: PathBuf,
    program: PathBuf,
}

/// Whose the entry is, afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It is there, or not, as the setting says.
    AsSet,
    /// Somebody has changed it, and so it says what they want.
    Theirs,
}

impl Autostart {
    /// The entry that starts `program`.
    pub fn new(config: &Path, program: &Path) -> Self {
        Self {
            entry: config.join("autostart").join(NAME),
            program: program.to_owned(),
        }
    }

    /// Where the entry is.
    pub fn path(&self) -> &Path {
        &self.entry
    }

    /// Makes the entry what the setting says, unless it is somebody else's.
    ///
    /// # Errors
    /// When it can't be read, written or removed.
    pub fn set(&self, on: bool) -> Result<Entry, Problem> {
        let text = self.text()?;
        let there = match self.read()? {
            Found::Nothing => None,
            Found::Foreign => return Ok(Entry::Theirs),
            Found::Text(text) if is_ours(&text) => Some(text),
            Found::Text(_) => return Ok(Entry::Theirs),
        };
        match (on, there) {
            (true, Some(there)) if there == text => {}
            (true, _) => self.write(&text)?,
            (false, Some(_)) => fs::remove_file(&self.entry).map_err(|error| self.stays(&error))?,
            (false, None) => {}
        }
        Ok(Entry::AsSet)
    }

    fn read(&self) -> Result<Found, Problem> {
        // A link is somebody's way to keep the file elsewhere.
        match fs::symlink_metadata(&self.entry) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(self.stays(&error)),
            Ok(found) if found.is_file() => {}
            Ok(_) => return Ok(Found::Foreign),
        }
        let text = file::read(&self.entry)?;
        Ok(text.map_or(Found::Nothing, |text| Found::Text(text.to_string())))
    }

    fn write(&self, text: &str) -> Result<(), Problem> {
        if let Some(folder) = self.entry.parent() {
            fs::create_dir_all(folder).map_err(|error| self.stays(&error))?;
        }
        file::replace(&self.entry, text.as_bytes())
    }

    fn text(&self) -> Result<String, Problem> {
        let program = self.program.to_str().filter(|path| !has_control(path));
        let program = program.ok_or_else(|| {
            Problem::yours(
                Code::Failed,
                "Daypass cannot be started at login from a folder with such a name.",
                "Install it in a folder whose name is plain text.",
            )
        })?;
        Ok(entry(&quoted(program)))
    }

    fn stays(&self, error: &io::Error) -> Problem {
        Problem::yours(
            Code::Failed,
            format!(
                "The entry that starts Daypass at login, {}, stays as it is: {error}.",
                self.entry.display()
            ),
            "Look who may write there, then change the setting again.",
        )
    }
}

enum Found {
    Nothing,
    /// No file of its own.
    Foreign,
    Text(String),
}

fn entry(program: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Daypass\nComment=One MFA code in the morning, AWS all day\nExec={program} --background\nTerminal=false\n"
    )
}

/// Whether a text is an entry as we write it, for whatever program: another version may lie
/// elsewhere.
fn is_ours(text: &str) -> bool {
    let exec = text.lines().find_map(|line| line.strip_prefix("Exec="));
    let program = exec.and_then(|exec| exec.strip_suffix(" --background"));
    program.is_some_and(|program| entry(program) == text)
}

/// A word of an `Exec` line, with both kinds of escapes (Desktop Entry Specification).
fn quoted(program: &str) -> String {
    let mut word = String::from("\"");
    for letter in program.chars() {
        match letter {
            '"' | '`' | '$' => word.extend(['\\', '\\', letter]),
            '\\' => word.push_str(r"\\\\"),
            '%' => word.push_str("%%"),
            letter => word.push(letter),
        }
    }
    word.push('"');
    word
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn autostart(&self) -> Autostart {
            Autostart::new(self.0.path(), Path::new("/usr/bin/daypass-tray"))
        }

        fn text(&self) -> Option<String> {
            fs::read_to_string(self.autostart().path()).ok()
        }
    }

    #[test]
    fn the_entry_is_written_and_removed_with_the_setting() {
        let home = Home::new();
        let autostart = home.autostart();
        assert_eq!(autostart.set(false), Ok(Entry::AsSet));
        assert_eq!(home.text(), None);
        assert_eq!(autostart.set(true), Ok(Entry::AsSet));
        let text = home.text().unwrap();
        assert!(
            text.contains("\nExec=\"/usr/bin/daypass-tray\" --background\n"),
            "{text}"
        );
        assert_eq!(autostart.set(true), Ok(Entry::AsSet));
        assert_eq!(home.text().unwrap(), text);
        assert_eq!(autostart.set(false), Ok(Entry::AsSet));
        assert_eq!(home.text(), None);
    }

    #[test]
    fn the_entry_follows_a_program_that_moved() {
        let home = Home::new();
        home.autostart().set(true).unwrap();
        let moved = Autostart::new(home.0.path(), Path::new("/opt/a \"b\" 5%/$x\\tray"));
        assert_eq!(moved.set(true), Ok(Entry::AsSet));
        let text = home.text().unwrap();
        let exec = r#"Exec="/opt/a \\"b\\" 5%%/\\$x\\\\tray" --background"#;
        assert!(text.contains(exec), "{text}");
        assert_eq!(moved.set(false), Ok(Entry::AsSet));
        assert_eq!(home.text(), None);
    }

    #[test]
    fn an_entry_that_somebody_has_changed_is_theirs() {
        let home = Home::new();
        home.autostart().set(true).unwrap();
        let ours = home.text().unwrap();
        for theirs in [
            format!("{ours}Hidden=true\n"),
            format!("{ours}X-GNOME-Autostart-enabled=false\n"),
            ours.replace("--background", "--background --more"),
            ours.replace("Name=Daypass", "Name=My Daypass"),
            "nonsense".to_owned(),
        ] {
            fs::write(home.autostart().path(), &theirs).unwrap();
            for on in [true, false] {
                assert_eq!(home.autostart().set(on), Ok(Entry::Theirs), "{theirs}");
                assert_eq!(home.text().as_ref(), Some(&theirs));
            }
        }
    }

    #[test]
    fn a_link_is_theirs_wherever_it_leads() {
        let home = Home::new();
        home.autostart().set(true).unwrap();
        let (entry, kept) = (
            home.autostart().path().to_owned(),
            home.0.path().join("kept"),
        );
        fs::rename(&entry, &kept).unwrap();
        std::os::unix::fs::symlink(&kept, &entry).unwrap();
        assert_eq!(home.autostart().set(false), Ok(Entry::Theirs));
        assert!(kept.exists() && entry.exists());
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let home = Home::new();
        fs::write(home.0.path().join("autostart"), "a file").unwrap();
        let why = home.autostart().set(true).unwrap_err();
        assert!(why.what.contains("stays as it is"), "{why}");
        let strange = Autostart::new(home.0.path(), Path::new("/opt/a\nExec=evil/tray"));
        assert!(strange.set(true).is_err());
    }
}
