//! The versions of `config.toml`: forward only, a step from each to the next one (R16).

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use daypass_core::{
    config,
    problem::{Code, Problem},
};
use toml_edit::{DocumentMut, Item, value};

/// Makes of a document of one version a document of the next.
pub(super) type Step = fn(&mut DocumentMut) -> Result<(), Problem>;

/// The version that is written, and the ways there from the ones before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    pub(super) version: i64,
    /// The first one leads away from version 1.
    pub(super) steps: &'static [Step],
}

/// The product's own. There was no other version than the first one yet.
pub(super) const FORMAT: Format = Format {
    version: config::VERSION,
    steps: &[],
};

const _: () = assert!(
    FORMAT.steps.len() as i64 + 1 == FORMAT.version,
    "each new version needs the step that leads there"
);

/// How the version of a file stands to that of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// The same.
    Current,
    /// It was written by an older Daypass, and brought up in memory.
    Older(i64),
    /// It was written by a newer Daypass, and may mean something else.
    Newer(i64),
}

impl Format {
    /// Takes a document to this version. One without anything in it has every version.
    pub(super) fn bring_up(self, document: &mut DocumentMut) -> Result<Version, Problem> {
        let from = match document.get("version").map(Item::as_integer) {
            None if document.is_empty() => return Ok(Version::Current),
            Some(Some(version)) if version >= 1 => version,
            _ => return Err(Problem::usage("the file must begin with version = 1.")),
        };
        if from > self.version {
            return Ok(Version::Newer(from));
        }
        if from == self.version {
            return Ok(Version::Current);
        }
        let done = usize::try_from(from - 1).unwrap_or_default();
        for step in self.steps.iter().skip(done) {
            step(document)?;
        }
        self.stamp(document);
        Ok(Version::Older(from))
    }

    /// Says in a document which version it has.
    pub(super) fn stamp(self, document: &mut DocumentMut) {
        let says = document.get("version").and_then(Item::as_integer);
        if says != Some(self.version) {
            super::value::set(
                document.as_table_mut(),
                "version",
                Some(value(self.version)),
            );
        }
    }
}

/// Keeps a file as it is before its first edit in a newer version. An earlier copy stays.
pub(super) fn keep(path: &Path, version: i64, text: &str) -> Result<(), Problem> {
    let failed = |error: std::io::Error| {
        Problem::yours(
            Code::Failed,
            format!(
                "{} is of version {version}, and no copy of it can be kept: {error}. It is as it was.",
                path.display()
            ),
            "Free some space or mend the permissions, then try again.",
        )
    };
    for number in 1.. {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".version-{version}"));
        if number > 1 {
            name.push(format!("-{number}"));
        }
        let made = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&name);
        match made {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(failed)?;
                return file.sync_all().map_err(failed);
            }
            Err(_) if fs::read(&name).is_ok_and(|kept| kept == text.as_bytes()) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(())
}
