//! The record of what was taken out, on disk. One that is damaged puts nothing back, and is never
//! written over: it may still be read by a person.

use std::path::Path;

use daypass_core::problem::{Code, Problem};
use serde::{Deserialize, Serialize};

use super::{Undo, digest};
use crate::file;

/// The version that is written.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    /// SHA-256 of what follows, as JSON.
    check: String,
    undos: Vec<Undo>,
}

/// Only the version, of whatever else there is.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Reads the record; none where there is no file.
///
/// # Errors
/// When it can't be read, is damaged, or is of a newer Daypass.
pub fn read(path: &Path) -> Result<Vec<Undo>, Problem> {
    let Some(text) = file::read(path)? else {
        return Ok(Vec::new());
    };
    if let Ok(Versioned { version }) = serde_json::from_str(&text)
        && version > VERSION
    {
        return Err(unusable(
            path,
            "is of a newer Daypass",
            "Update Daypass, then try again.",
        ));
    }
    if let Ok(record) = serde_json::from_str::<Record>(&text) {
        if record.check == check(&record.undos)? {
            return Ok(record.undos);
        }
    } else if let Ok(undos) = serde_json::from_str(&text) {
        // As it was written before it had a version.
        return Ok(undos);
    }
    Err(unusable(
        path,
        "is damaged, or not the record that Daypass wrote",
        "No file was changed. Move it away, then try again; keys that were taken out stay in the keychain.",
    ))
}

/// Writes the record.
///
/// # Errors
/// When the file can't be written. It then is as it was.
pub fn write(path: &Path, undos: &[Undo]) -> Result<(), Problem> {
    let record = Record {
        version: VERSION,
        check: check(undos)?,
        undos: undos.to_vec(),
    };
    let bytes = serde_json::to_vec_pretty(&record).map_err(|_| unwritten())?;
    file::replace(path, &bytes)
}

fn check(undos: &[Undo]) -> Result<String, Problem> {
    let text = serde_json::to_string(undos).map_err(|_| unwritten())?;
    Ok(digest(&text))
}

fn unwritten() -> Problem {
    Problem::ours("The record could not be written.")
}

fn unusable(path: &Path, why: &str, todo: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The file {} {why}.", path.display()),
        todo,
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use daypass_core::secret::Secret;

    use super::*;
    use crate::plain_keys::{AccessKey, remove, restore};

    const TEXT: &str = "[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

    fn key() -> AccessKey {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
        AccessKey::parse("AKIAIOSFODNN7EXAMPLE", secret).unwrap()
    }

    /// A record of one file whose keys were taken out.
    fn taken(folder: &Path) -> (std::path::PathBuf, Vec<u8>) {
        let (file, record) = (folder.join("credentials"), folder.join("state/record"));
        fs::write(&file, TEXT).unwrap();
        remove(&file, &[key()], |undo| {
            write(&record, std::slice::from_ref(undo))
        })
        .unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains("wJalr"));
        let bytes = fs::read(&record).unwrap();
        (record, bytes)
    }

    #[test]
    fn r17_a_damaged_record_puts_nothing_back_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (record, bytes) = taken(folder.path());
        let mut damaged: Vec<Vec<u8>> = (1..bytes.len()).map(|end| bytes[..end].to_vec()).collect();
        for index in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[index] ^= 1 << bit;
                damaged.push(flipped);
            }
        }
        let undos = read(&record).unwrap();
        let mut refused = 0;
        for damage in damaged {
            fs::write(&record, &damage).unwrap();
            match read(&record) {
                // Blanks between the values carry nothing.
                Ok(read) => assert_eq!(read, undos, "{}", String::from_utf8_lossy(&damage)),
                Err(problem) => {
                    refused += 1;
                    assert!(!problem.to_string().contains('\n'));
                    assert_eq!(fs::read(&record).unwrap(), damage);
                }
            }
        }
        assert!(refused > bytes.len());
        for undo in undos {
            restore(&undo, |_| Some(key())).unwrap();
        }
        assert_eq!(
            fs::read_to_string(folder.path().join("credentials")).unwrap(),
            TEXT
        );
    }

    #[test]
    fn r16_a_record_of_before_is_read_and_one_of_a_newer_daypass_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (record, _) = taken(folder.path());
        let undos = read(&record).unwrap();
        fs::write(&record, serde_json::to_vec(&undos).unwrap()).unwrap();
        assert_eq!(read(&record).unwrap(), undos);
        let newer = "{\"version\": 2, \"undos\": {}}";
        fs::write(&record, newer).unwrap();
        assert!(read(&record).err().unwrap().what.contains("newer"));
        assert_eq!(fs::read_to_string(&record).unwrap(), newer);
    }
}
