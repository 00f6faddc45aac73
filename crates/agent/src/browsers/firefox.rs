//! The profiles of Firefox and its kind, `profiles.ini`, and their containers, `containers.json`.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

use daypass_core::view::BrowserProfile;
use daypass_shared_files::ini::{Document, Section};
use serde::Deserialize;

use super::{MAX_FOUND, family::Profiles, ini, is_name, text};

/// The profiles in a folder, and the containers of them all; nothing where there are none to be
/// read.
pub(super) fn profiles(folder: &Path) -> Option<Profiles> {
    let file = ini(&folder.join("profiles.ini"))?;
    let mut profiles = Vec::new();
    let mut containers = BTreeSet::new();
    let sections = file.sections().iter();
    for section in sections.filter(|section| section.name().starts_with("Profile")) {
        // `-P` wants the name, not the folder.
        let Some(name) = file.own(section, "name").filter(|name| is_name(name)) else {
            continue;
        };
        profiles.push(BrowserProfile {
            id: name.to_string(),
            name: name.to_string(),
        });
        if let Some(profile) = folder_of(&file, section, folder) {
            containers.extend(containers_in(&profile));
        }
        if profiles.len() == MAX_FOUND {
            break;
        }
    }
    Some(Profiles {
        profiles,
        containers: containers.into_iter().take(MAX_FOUND).collect(),
    })
}

fn folder_of(file: &Document, section: &Section, folder: &Path) -> Option<PathBuf> {
    let path = PathBuf::from(file.own(section, "path")?.into_owned());
    if file.own(section, "isrelative").as_deref() == Some("0") {
        return Some(path).filter(|path| path.is_absolute());
    }
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_below.then(|| folder.join(path))
}

#[derive(Deserialize)]
struct Containers {
    identities: Vec<serde_json::Value>,
}

/// A container; those that were never renamed have no name, but a key into Firefox's translations.
#[derive(Deserialize)]
struct Container {
    #[serde(default)]
    public: bool,
    name: String,
}

fn containers_in(profile: &Path) -> Vec<String> {
    let read = || -> Option<Containers> {
        serde_json::from_str(&text(&profile.join("containers.json"))?).ok()
    };
    let all = read().map(|containers| containers.identities);
    all.unwrap_or_default()
        .into_iter()
        .take(MAX_FOUND)
        .filter_map(|value| serde_json::from_value::<Container>(value).ok())
        .filter(|container| container.public && is_name(&container.name))
        .map(|container| container.name)
        .collect()
}
