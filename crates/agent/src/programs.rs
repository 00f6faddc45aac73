//! Where a person's programs are found, and what those keep.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The folders of an environment (XDG Base Directory Specification), and its shell.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    pub(crate) home: PathBuf,
    pub(crate) config: PathBuf,
    /// Those with `applications`, the first one first.
    pub(crate) data: Vec<PathBuf>,
    pub(crate) path: Vec<PathBuf>,
    /// That of our own programs.
    pub(crate) own: Option<PathBuf>,
    pub(crate) shell: Option<PathBuf>,
}

impl Programs {
    /// Those of an environment. Empty and relative values count as unset.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let folders = |name: &str, otherwise: &str| -> Vec<PathBuf> {
            let set = variable(name).filter(|value| !value.is_empty());
            let set = set.unwrap_or_else(|| otherwise.into());
            std::env::split_paths(&set)
                .filter(|folder| folder.is_absolute())
                .collect()
        };
        let one = |name: &str| folders(name, "").into_iter().next();
        let home = one("HOME").unwrap_or_default();
        let mut data = vec![one("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"))];
        data.extend(folders("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
        Self {
            config: one("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            path: folders("PATH", "/usr/local/bin:/usr/bin:/bin"),
            own: None,
            shell: one("SHELL"),
            home,
            data,
        }
    }

    /// Those of this process.
    pub fn of_this_process() -> Self {
        let own = std::env::current_exe().ok();
        Self {
            own: own.and_then(|program| Some(program.parent()?.to_owned())),
            ..Self::from_env(|name| std::env::var_os(name))
        }
    }

    /// The person's folder for settings.
    pub fn config_folder(&self) -> &Path {
        &self.config
    }

    /// The file of a program that can be run, by its name or its whole path.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        if name.contains('/') {
            return Some(PathBuf::from(name)).filter(|path| path.is_absolute() && can_run(path));
        }
        first(&self.path, name)
    }

    /// The file of one of our own programs.
    pub(crate) fn find_own(&self, name: &str) -> Option<PathBuf> {
        first(self.own.as_slice(), name).or_else(|| first(&self.path, name))
    }
}

fn first(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    let mut paths = folders.iter().map(|folder| folder.join(name));
    paths.find(|path| can_run(path))
}

pub(crate) fn can_run(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_found_as_the_specification_says() {
        let of = |set: &[(&str, &str)]| {
            Programs::from_env(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.into())
            })
        };
        let plain = of(&[("HOME", "/h"), ("XDG_DATA_DIRS", "")]);
        assert_eq!(plain.config, Path::new("/h/.config"));
        assert_eq!(
            plain.data,
            ["/h/.local/share", "/usr/local/share", "/usr/share"].map(PathBuf::from)
        );
        let set = of(&[
            ("HOME", "/h"),
            ("XDG_DATA_HOME", "/d"),
            ("XDG_DATA_DIRS", "/a:rel:/b"),
        ]);
        assert_eq!(set.data, ["/d", "/a", "/b"].map(PathBuf::from));
    }
}
