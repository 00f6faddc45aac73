//! Which browsers are made of which, and where each keeps its profiles.

use std::path::{Path, PathBuf};

use daypass_core::view::BrowserProfile;

use super::{chromium, firefox, installed::Installed};
use crate::programs::Programs;

/// What a browser is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Chromium,
    Firefox,
}

/// A browser that is known by its name.
pub(super) struct Family {
    pub(super) kind: Kind,
    /// Names of its entry, its program, or its Flatpak.
    names: &'static [&'static str],
    /// Its folder: Chromium's below the folder for settings, Firefox's below home.
    folder: &'static str,
}

/// What a browser keeps apart from each other.
#[derive(Default)]
pub(super) struct Profiles {
    pub(super) profiles: Vec<BrowserProfile>,
    pub(super) containers: Vec<String>,
}

const FAMILIES: [Family; 12] = [
    chromium_like(
        &["chromium", "chromium-browser", "org.chromium.Chromium"],
        "chromium",
    ),
    chromium_like(
        &["google-chrome", "google-chrome-stable", "com.google.Chrome"],
        "google-chrome",
    ),
    chromium_like(&["google-chrome-beta"], "google-chrome-beta"),
    chromium_like(
        &["google-chrome-unstable", "com.google.ChromeDev"],
        "google-chrome-unstable",
    ),
    chromium_like(
        &[
            "brave-browser",
            "brave-browser-stable",
            "brave",
            "com.brave.Browser",
        ],
        "BraveSoftware/Brave-Browser",
    ),
    chromium_like(
        &[
            "microsoft-edge",
            "microsoft-edge-stable",
            "com.microsoft.Edge",
        ],
        "microsoft-edge",
    ),
    chromium_like(
        &["vivaldi", "vivaldi-stable", "com.vivaldi.Vivaldi"],
        "vivaldi",
    ),
    firefox_like(
        &[
            "firefox",
            "firefox-esr",
            "firefox-bin",
            "org.mozilla.firefox",
        ],
        ".mozilla/firefox",
    ),
    firefox_like(
        &["librewolf", "io.gitlab.librewolf-community"],
        ".librewolf",
    ),
    firefox_like(&["waterfox", "net.waterfox.waterfox"], ".waterfox"),
    firefox_like(&["floorp", "one.ablaze.floorp"], ".floorp"),
    firefox_like(&["zen", "zen-browser", "app.zen_browser.zen"], ".zen"),
];

const fn chromium_like(names: &'static [&'static str], folder: &'static str) -> Family {
    Family {
        kind: Kind::Chromium,
        names,
        folder,
    }
}

const fn firefox_like(names: &'static [&'static str], folder: &'static str) -> Family {
    Family {
        kind: Kind::Firefox,
        names,
        folder,
    }
}

/// How a browser was installed.
enum Packing<'a> {
    Plain,
    Flatpak(&'a str),
    Snap(&'a str),
}

/// The family of a browser, by its program, else by its entry.
pub(super) fn of(browser: &Installed) -> Option<&'static Family> {
    let (program, packing) = program(&browser.before)?;
    let names = match packing {
        Packing::Flatpak(id) => [id, browser.id.as_str()],
        Packing::Plain | Packing::Snap(_) => [program, browser.id.as_str()],
    };
    names
        .iter()
        .find_map(|name| FAMILIES.iter().find(|family| family.names.contains(name)))
}

impl Family {
    /// Its profiles, from the first of its folders that has any.
    pub(super) fn profiles(&self, programs: &Programs, browser: &Installed) -> Profiles {
        let read = |folder: &PathBuf| match self.kind {
            Kind::Chromium => chromium::profiles(folder),
            Kind::Firefox => firefox::profiles(folder),
        };
        self.folders(programs, browser)
            .iter()
            .find_map(read)
            .unwrap_or_default()
    }

    fn folders(&self, programs: &Programs, browser: &Installed) -> Vec<PathBuf> {
        let (home, own) = (&programs.home, self.folder);
        let packing = program(&browser.before).map_or(Packing::Plain, |(_, packing)| packing);
        match (self.kind, packing) {
            (Kind::Chromium, Packing::Plain) => vec![programs.config.join(own)],
            (Kind::Chromium, Packing::Flatpak(id)) => {
                vec![home.join(".var/app").join(id).join("config").join(own)]
            }
            (_, Packing::Snap(name)) => vec![home.join("snap").join(name).join("common").join(own)],
            (Kind::Firefox, Packing::Plain) => {
                // Newer ones keep to the folder for settings, where the older one is not there.
                let newer = own.trim_start_matches('.');
                vec![home.join(own), programs.config.join(newer)]
            }
            (Kind::Firefox, Packing::Flatpak(id)) => {
                vec![home.join(".var/app").join(id).join(own)]
            }
        }
    }
}

/// The program that a command line comes down to, and how it was installed.
fn program(words: &[String]) -> Option<(&str, Packing<'_>)> {
    let mut words = words.iter().map(String::as_str);
    let mut word = words.next()?;
    if file_name(word) == "env" {
        word = words.find(|word| !word.contains('=') && !word.starts_with('-'))?;
    }
    let name = file_name(word);
    if name == "flatpak" {
        let is_id = |word: &&str| !word.starts_with('-') && word.matches('.').count() >= 2;
        let id = words.find(is_id)?;
        // It becomes part of a path.
        return (!id.contains('/')).then_some((name, Packing::Flatpak(id)));
    }
    let packing = match word.strip_prefix("/snap/bin/") {
        Some(snap) if !snap.contains('/') => Packing::Snap(snap),
        _ => Packing::Plain,
    };
    Some((name, packing))
}

fn file_name(program: &str) -> &str {
    Path::new(program)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(id: &str, exec: &str) -> Installed {
        Installed {
            id: id.to_owned(),
            name: id.to_owned(),
            before: exec.split(' ').map(ToOwned::to_owned).collect(),
            after: Vec::new(),
        }
    }

    #[test]
    fn profiles_are_where_each_packing_keeps_them() {
        let programs = Programs {
            home: "/h".into(),
            config: "/h/.config".into(),
            ..Programs::default()
        };
        let first = |id: &str, exec: &str| {
            let browser = browser(id, exec);
            let family = of(&browser)?;
            Some(family.folders(&programs, &browser)[0].display().to_string())
        };
        let rows = [
            ("x", "/usr/bin/chromium", "/h/.config/chromium"),
            (
                "google-chrome",
                "/opt/google/chrome",
                "/h/.config/google-chrome",
            ),
            ("firefox-esr", "firefox-esr", "/h/.mozilla/firefox"),
            (
                "firefox_firefox",
                "env BAMF=1 /snap/bin/firefox",
                "/h/snap/firefox/common/.mozilla/firefox",
            ),
            (
                "chromium_chromium",
                "env BAMF=1 /snap/bin/chromium",
                "/h/snap/chromium/common/chromium",
            ),
            (
                "com.google.Chrome",
                "/usr/bin/flatpak run --branch=stable --command=/app/bin/chrome com.google.Chrome",
                "/h/.var/app/com.google.Chrome/config/google-chrome",
            ),
            (
                "org.mozilla.firefox",
                "flatpak run org.mozilla.firefox",
                "/h/.var/app/org.mozilla.firefox/.mozilla/firefox",
            ),
        ];
        for (id, exec, folder) in rows {
            assert_eq!(first(id, exec).as_deref(), Some(folder), "{exec}");
        }
        assert_eq!(first("epiphany", "epiphany"), None);
        assert_eq!(first("x", "flatpak run ../../a.b.c"), None);
    }
}
