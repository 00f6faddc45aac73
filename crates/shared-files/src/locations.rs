//! Where the two files are.

use std::{ffi::OsString, path::PathBuf};

use daypass_core::problem::{Code, Problem};

/// The shared config file and the shared credentials file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locations {
    /// `~/.aws/config`, or what `AWS_CONFIG_FILE` says.
    pub config: PathBuf,
    /// `~/.aws/credentials`, or what `AWS_SHARED_CREDENTIALS_FILE` says.
    pub credentials: PathBuf,
}

impl Locations {
    /// Finds the files as botocore does: variables are expanded, then `~`. Empty values count as
    /// unset.
    ///
    /// # Errors
    /// When there is no home folder to look in, or no working folder for a relative path.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Problem> {
        let find = |name: &str, default: &str| {
            let set = variable(name).filter(|value| !value.is_empty());
            absolute(expand(
                set.unwrap_or_else(|| OsString::from(default)),
                &variable,
            )?)
        };
        Ok(Self {
            config: find("AWS_CONFIG_FILE", "~/.aws/config")?,
            credentials: find("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")?,
        })
    }
}

fn absolute(path: PathBuf) -> Result<PathBuf, Problem> {
    std::path::absolute(&path).map_err(|error| {
        Problem::yours(
            Code::Failed,
            format!(
                "The path {} leads nowhere from here: {error}.",
                path.display()
            ),
            "Set it to an absolute path.",
        )
    })
}

fn expand(
    value: OsString,
    variable: &impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, Problem> {
    // A path that is not text holds nothing that could be expanded.
    let Some(text) = value.to_str() else {
        return Ok(value.into());
    };
    let text = expand_variables(text, variable);
    let Some(rest) = text
        .strip_prefix('~')
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    else {
        return Ok(text.into());
    };
    let home = variable("HOME").filter(|home| !home.is_empty());
    let home = PathBuf::from(home.ok_or_else(no_home)?);
    Ok(home.join(rest.trim_start_matches('/')))
}

/// Python's `os.path.expandvars`: what is not set stays as it is written.
fn expand_variables(text: &str, variable: &impl Fn(&str) -> Option<OsString>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, tail) = variable_name(after);
        let value = name
            .and_then(variable)
            .and_then(|value| value.into_string().ok());
        match value {
            Some(value) => expanded.push_str(&value),
            None => {
                expanded.push('$');
                expanded.push_str(after.strip_suffix(tail).unwrap_or_default());
            }
        }
        rest = tail;
    }
    expanded.push_str(rest);
    expanded
}

/// The name that follows a `$`, and what follows the name.
fn variable_name(after: &str) -> (Option<&str>, &str) {
    if let Some((name, tail)) = after
        .strip_prefix('{')
        .and_then(|inner| inner.split_once('}'))
    {
        return (Some(name), tail);
    }
    let length = after
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    let (name, tail) = after.split_at_checked(length).unwrap_or(("", after));
    (Some(name).filter(|name| !name.is_empty()), tail)
}

fn no_home() -> Problem {
    Problem::yours(
        Code::Failed,
        "There is no home folder to look for AWS's files in.",
        "Set HOME, or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locations(set: &[(&str, &str)]) -> Result<Locations, Problem> {
        Locations::from_env(|name| {
            set.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn home_is_the_default() {
        let found = locations(&[("HOME", "/home/ada"), ("AWS_CONFIG_FILE", "")]).unwrap();
        assert_eq!(found.config, PathBuf::from("/home/ada/.aws/config"));
        assert_eq!(
            found.credentials,
            PathBuf::from("/home/ada/.aws/credentials")
        );
        assert!(locations(&[]).is_err());
    }

    #[test]
    fn variables_and_the_tilde_are_expanded_as_botocore_does() {
        let config = |path: &str| {
            let set = [
                ("HOME", "/home/ada"),
                ("AWS_CONFIG_FILE", path),
                ("TEAM", "blue"),
                ("LATE", "~/x"),
            ];
            locations(&set).unwrap().config
        };
        for (written, meant) in [
            ("~/aws-$TEAM", "/home/ada/aws-blue"),
            ("/etc/${TEAM}x/$TEAM.ini", "/etc/bluex/blue.ini"),
            ("$LATE/config", "/home/ada/x/config"),
            ("/a/$UNSET/${UNSET}/$/${open", "/a/$UNSET/${UNSET}/$/${open"),
            ("/a/~/b", "/a/~/b"),
        ] {
            assert_eq!(config(written), PathBuf::from(meant), "{written}");
        }
        assert!(config("here.ini").is_absolute());
    }
}
