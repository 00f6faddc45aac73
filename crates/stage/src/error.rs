//! What goes wrong on the stage, as one sentence for the person who reads the log.

/// A failure of the stage, not of what is tried on it.
#[derive(Debug)]
pub struct Error(String);

/// The stage's results.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// In words.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<ureq::Error> for Error {
    fn from(error: ureq::Error) -> Self {
        Self(error.to_string())
    }
}
