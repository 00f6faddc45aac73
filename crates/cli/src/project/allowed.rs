//! What a person has said about other people's `.daypass.toml`, by path and content.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use daypass_core::problem::{Code, Problem};
use daypass_shared_files::file;
use serde::{Deserialize, Serialize};

use crate::config_file::text_of;

/// Some hundred answers.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// The answers in the state folder.
pub(super) struct Allowed {
    file: PathBuf,
}

/// An answer holds for what the file said then.
#[derive(Serialize, Deserialize)]
struct Answer {
    text: String,
    allowed: bool,
}

type Answers = BTreeMap<String, Answer>;

impl Allowed {
    pub(super) fn of(state_dir: &Path) -> Self {
        Self {
            file: state_dir.join("allowed.json"),
        }
    }

    /// The answer about a file with this text, if there is one.
    pub(super) fn is(&self, path: &Path, text: &str) -> Result<Option<bool>, Problem> {
        let answers = self.read()?;
        let answer = path.to_str().and_then(|path| answers.get(path));
        Ok(answer
            .filter(|answer| answer.text == text)
            .map(|answer| answer.allowed))
    }

    /// Keeps an answer, in place of an older one about the same file.
    pub(super) fn answer(&self, path: &Path, text: &str, allowed: bool) -> Result<(), Problem> {
        let path = path.to_str().ok_or_else(|| {
            Problem::usage("The path of this folder is not UTF-8, so it can't be remembered.")
        })?;
        let mut answers = self.read()?;
        let answer = Answer {
            text: text.to_owned(),
            allowed,
        };
        answers.insert(path.to_owned(), answer);
        let bytes = serde_json::to_vec_pretty(&answers)
            .map_err(|_| Problem::ours("The answer could not be written as JSON."))?;
        file::replace(&self.file, &bytes)
    }

    fn read(&self) -> Result<Answers, Problem> {
        match text_of(&self.file, MAX_FILE) {
            // What can't be understood counts as never answered: it is asked again.
            Ok(text) => Ok(serde_json::from_str(&text).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Answers::new()),
            Err(error) => Err(self.problem(&error)),
        }
    }

    fn problem(&self, error: &io::Error) -> Problem {
        Problem::yours(
            Code::Failed,
            format!("{} cannot be used: {error}.", self.file.display()),
            "Mend it, or name a role.",
        )
    }
}
