//! Looking into `config.toml`. Only the agent writes it; this reads what the agent's state leaves
//! out.

use std::{
    fs::OpenOptions,
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use daypass_core::problem::{Code, Problem};

/// Room for ten thousand roles.
const MAX_CONFIG: u64 = 16 * 1024 * 1024;

/// The file's text; none while there is no file.
pub(crate) fn text(path: &Path) -> Result<String, Problem> {
    match text_of(path, MAX_CONFIG) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Problem::yours(
            Code::Failed,
            format!("{} cannot be read: {error}.", path.display()),
            "",
        )),
    }
}

/// The text of a regular file of at most so many bytes. A pipe or a device in its place is refused
/// without waiting for it.
pub(crate) fn text_of(path: &Path, max: u64) -> io::Result<String> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    file.by_ref().take(max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > max {
        return Err(io::Error::other(format!("it is longer than {max} bytes")));
    }
    Ok(text)
}
