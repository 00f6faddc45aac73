//! The command that opens a terminal with a role's session in it. The session itself is fetched by
//! `daypass exec` in there: no secret is in an argument, nor in the terminal's environment.

use std::path::Path;

use daypass_core::{
    name::Name,
    problem::{Code, Problem},
};

use crate::programs::{Programs, can_run};

/// The desktop's own choice, Debian's, and then what people have; each with what stands before a
/// command. Those that are not listed want `-e`, as xterm does.
const TERMINALS: [(&str, &[&str]); 16] = [
    ("xdg-terminal-exec", &[]),
    ("x-terminal-emulator", &["-e"]),
    ("gnome-terminal", &["--"]),
    ("ptyxis", &["--"]),
    ("kgx", &["--"]),
    ("konsole", &["-e"]),
    ("xfce4-terminal", &["-x"]),
    ("mate-terminal", &["-x"]),
    ("terminator", &["-x"]),
    ("ghostty", &["-e"]),
    ("alacritty", &["-e"]),
    ("kitty", &[]),
    ("foot", &[]),
    ("wezterm", &["start", "--"]),
    ("urxvt", &["-e"]),
    ("xterm", &["-e"]),
];

const OTHERS: &[&str] = &["-e"];

impl Programs {
    /// Program and arguments that open a terminal in which the person's shell has a role's session.
    ///
    /// # Errors
    /// When there is no such terminal, or no `daypass`.
    pub fn terminal(&self, wanted: Option<&str>, role: &Name) -> Result<Vec<String>, Problem> {
        let (terminal, before) = match wanted {
            Some(wanted) => self.wanted_terminal(wanted)?,
            None => self.known_terminal().ok_or_else(no_terminal)?,
        };
        if !role.as_str().chars().all(is_plain) {
            return Err(not_for_a_terminal(role));
        }
        let daypass = self.find_own("daypass").ok_or_else(no_daypass)?;
        let shell = self.shell.as_deref().filter(|shell| can_run(shell));
        let shell = shell.unwrap_or(Path::new("/bin/sh"));
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut words = vec![terminal];
        words.extend(before.iter().map(|&word| word.to_owned()));
        words.extend([
            text(&daypass),
            "exec".to_owned(),
            role.to_string(),
            "--".to_owned(),
            text(shell),
        ]);
        Ok(words)
    }

    fn wanted_terminal(&self, wanted: &str) -> Result<(String, &'static [&'static str]), Problem> {
        let found = self.find(wanted).ok_or_else(|| gone(wanted))?;
        let name = found.file_name().and_then(|name| name.to_str());
        let known = TERMINALS
            .iter()
            .find(|(terminal, _)| Some(*terminal) == name);
        let before = known.map_or(OTHERS, |(_, before)| before);
        Ok((found.to_string_lossy().into_owned(), before))
    }

    fn known_terminal(&self) -> Option<(String, &'static [&'static str])> {
        TERMINALS.iter().find_map(|(name, before)| {
            let found = self.find(name)?;
            Some((found.to_string_lossy().into_owned(), *before))
        })
    }
}

/// Some terminals hand their command to a shell as one line, whatever words it came in (Ghostty
/// before 1.2, and who knows which else). Nothing but such letters means the same either way.
const fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '@' | '+' | ':' | ',' | '.')
}

fn not_for_a_terminal(role: &Name) -> Problem {
    Problem::yours(
        Code::Usage,
        format!("The name {role} cannot be given to a terminal safely."),
        "Open a terminal and use `daypass exec` there, or name the role with letters, digits and - _ . only.",
    )
}

fn gone(wanted: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The chosen terminal, {wanted}, is not installed."),
        "Install it, or set `terminal` in the settings to another program's name or whole path.",
    )
}

fn no_terminal() -> Problem {
    Problem::yours(
        Code::Failed,
        "No terminal program was found.",
        "Install one, or set `terminal` in the settings to its name or whole path.",
    )
}

fn no_daypass() -> Problem {
    Problem::yours(
        Code::Failed,
        "The command `daypass` was not found beside the tray's own program.",
        "Install Daypass anew.",
    )
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn programs(folder: &Path, names: &[&str]) -> Programs {
        for name in names {
            let path = folder.join(name);
            fs::write(&path, "#!/bin/sh\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Programs {
            path: vec![folder.to_owned()],
            shell: Some(folder.join("fish")),
            ..Programs::default()
        }
    }

    fn words(programs: &Programs, folder: &Path, wanted: Option<&str>) -> Result<String, Problem> {
        let role = Name::parse("prod:Admin@1").unwrap();
        let words = programs.terminal(wanted, &role)?.join("|");
        Ok(words.replace(&format!("{}/", folder.display()), ""))
    }

    #[test]
    fn the_chosen_terminal_wins_and_each_is_spoken_to_in_its_way() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let names = [
            "daypass",
            "fish",
            "xterm",
            "gnome-terminal",
            "wezterm",
            "mine",
        ];
        let programs = programs(at, &names);
        let of = |wanted| words(&programs, at, wanted).unwrap();
        let tail = "daypass|exec|prod:Admin@1|--|fish";
        assert_eq!(of(None), format!("gnome-terminal|--|{tail}"));
        assert_eq!(of(Some("xterm")), format!("xterm|-e|{tail}"));
        assert_eq!(of(Some("wezterm")), format!("wezterm|start|--|{tail}"));
        let path = at.join("mine").display().to_string();
        assert_eq!(of(Some(&path)), format!("mine|-e|{tail}"));
        // A command line is no program, and a relative path is none that is meant.
        for bad in ["gone", "xterm -e", "./xterm", "../xterm", ""] {
            let why = words(&programs, at, Some(bad)).unwrap_err();
            assert!(why.what.contains("is not installed"), "{bad}: {why}");
        }
    }

    #[test]
    fn the_desktop_s_own_choice_comes_first_and_a_shell_that_is_gone_is_not_started() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let found = programs(at, &["daypass", "xterm", "xdg-terminal-exec"]);
        let tail = "daypass|exec|prod:Admin@1|--|/bin/sh";
        assert_eq!(
            words(&found, at, None).unwrap(),
            format!("xdg-terminal-exec|{tail}")
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let why = words(&programs(at, &["daypass"]), at, None).unwrap_err();
        assert!(why.what.contains("No terminal"), "{why}");
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let why = words(&programs(at, &["xterm"]), at, None).unwrap_err();
        assert!(why.what.contains("`daypass` was not found"), "{why}");
    }

    /// A terminal may hand all of it to a shell as one line.
    #[test]
    fn t17_no_name_means_something_to_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let programs = programs(folder.path(), &["daypass", "ghostty"]);
        for bad in [
            "a;b", "$(a)", "`a`", "a b", "a|b", "a&b", "a>b", "*", "~", "ä",
        ] {
            let why = programs.terminal(None, &Name::parse(bad).unwrap());
            assert!(why.unwrap_err().todo.contains("daypass exec"), "{bad}");
        }
    }
}
