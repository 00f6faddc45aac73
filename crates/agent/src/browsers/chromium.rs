//! The profiles of Chromium and its kind: `Local State`, a JSON file.

use std::{collections::BTreeMap, path::Path};

use daypass_core::view::BrowserProfile;
use serde::Deserialize;

use super::{MAX_FOUND, family::Profiles, is_name, text};

#[derive(Deserialize)]
struct LocalState {
    profile: ProfileState,
}

#[derive(Deserialize)]
struct ProfileState {
    /// By the names of their folders.
    info_cache: BTreeMap<String, serde_json::Value>,
}

/// The profiles in a folder of settings; nothing where there are none to be read.
pub(super) fn profiles(folder: &Path) -> Option<Profiles> {
    let state: LocalState = serde_json::from_str(&text(&folder.join("Local State"))?).ok()?;
    let profile = |(id, info): (String, serde_json::Value)| {
        let name = info.get("name").and_then(|name| name.as_str());
        let name = name.filter(|name| is_name(name)).unwrap_or(&id).to_owned();
        BrowserProfile { id, name }
    };
    let profiles = state.profile.info_cache.into_iter();
    Some(Profiles {
        profiles: profiles
            .filter(|(id, _)| is_folder(id))
            .map(profile)
            .take(MAX_FOUND)
            .collect(),
        containers: Vec::new(),
    })
}

/// Whether this is the name of a folder and leads nowhere else.
fn is_folder(id: &str) -> bool {
    is_name(id) && !id.contains(['/', '\\']) && !id.starts_with('.')
}
