//! Where the window was last left, as a file says it.

use std::path::Path;

use daypass_core::problem::Problem;
use daypass_shared_files::file;
use serde::{Deserialize, Serialize};

/// The window's upper left corner, in pixels of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WindowPlace {
    /// From the left.
    pub(crate) x: i32,
    /// From the top.
    pub(crate) y: i32,
}

impl WindowPlace {
    /// What a file says; nothing where it says nothing of use.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let text = file::read(path).ok()??;
        serde_json::from_str(&text).ok()
    }

    /// Keeps it in a file, unless the file says the same.
    pub(crate) fn write(self, path: &Path) -> Result<(), Problem> {
        if Self::read(path) == Some(self) {
            return Ok(());
        }
        let text = serde_json::to_vec(&self)
            .map_err(|_| Problem::ours("The window's place could not be put into words."))?;
        file::replace(path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_and_nonsense_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("window.json");
        assert_eq!(WindowPlace::read(&path), None);
        let place = WindowPlace { x: -5, y: 40 };
        place.write(&path).unwrap();
        assert_eq!(WindowPlace::read(&path), Some(place));
        for nonsense in [
            "",
            "[]",
            "{\"x\": 1}",
            "{\"x\": 1e99, \"y\": 0}",
            "{\"x\": 99999999999, \"y\": 0}",
        ] {
            std::fs::write(&path, nonsense).unwrap();
            assert_eq!(WindowPlace::read(&path), None, "{nonsense}");
        }
    }
}
