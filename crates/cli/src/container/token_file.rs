//! The file that hands the token to the command's SDKs (T3, T12).

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use daypass_core::problem::Problem;
use rustix::process::geteuid;
use zeroize::Zeroizing;

use super::failed;

/// 256 bits, as T3 asks.
const TOKEN_BYTES: usize = 32;

/// A token that nobody can guess, in characters that any header takes.
pub(super) fn token() -> Result<Zeroizing<String>, Problem> {
    let bytes = random::<TOKEN_BYTES>()?;
    Ok(Zeroizing::new(hex(&*bytes)))
}

/// A file that goes away with this value.
pub(super) struct TokenFile(PathBuf);

impl TokenFile {
    /// Writes the token into a new file of a folder that is this user's alone.
    pub(super) fn write(folder: &Path, token: &str) -> Result<Self, Problem> {
        check_private(folder)?;
        let path = folder.join(format!("endpoint-{}.token", hex(&*random::<8>()?)));
        let unwritten = |error: std::io::Error| {
            failed(&format!("{} cannot be written: {error}", path.display()))
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(unwritten)?;
        let written = Self(path.clone());
        file.write_all(token.as_bytes()).map_err(unwritten)?;
        Ok(written)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn check_private(folder: &Path) -> Result<(), Problem> {
    let unusable = |why: &str| failed(&format!("the folder {} {why}", folder.display()));
    let metadata = std::fs::symlink_metadata(folder)
        .map_err(|error| unusable(&format!("cannot be used: {error}")))?;
    if !metadata.is_dir() {
        return Err(unusable("is not a folder"));
    }
    if metadata.uid() != geteuid().as_raw() {
        return Err(unusable("belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(unusable("is open to other users"));
    }
    Ok(())
}

fn random<const LENGTH: usize>() -> Result<Zeroizing<[u8; LENGTH]>, Problem> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    getrandom::fill(&mut *bytes).map_err(|error| failed(&error.to_string()))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    // Of its final length at once: growing would leave a copy of the token behind.
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder(mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    #[test]
    fn t3_tokens_have_256_bits_and_never_repeat() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_eq!(one.len(), 64);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(*one, *two);
        assert_eq!(hex(&[0, 0xab, 0xff]), "00abff");
    }

    #[test]
    fn t12_the_file_is_private_and_goes_away() {
        let folder = folder(0o700);
        let file = TokenFile::write(folder.path(), "token").unwrap();
        let path = file.path().to_owned();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "token");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn t3_a_folder_that_others_reach_gets_no_token() {
        let open = folder(0o755);
        assert!(TokenFile::write(open.path(), "token").is_err());
        assert!(TokenFile::write(Path::new("/nowhere"), "token").is_err());
        let private = folder(0o700);
        let link = private.path().join("link");
        std::os::unix::fs::symlink(private.path(), &link).unwrap();
        assert!(TokenFile::write(&link, "token").is_err());
    }
}
