//! The browsers of this computer, and how an address is opened in one of them. What is read was
//! written by other programs: a file that is not as it should be is passed over.

mod chromium;
mod family;
mod firefox;
mod installed;
mod opener;
#[cfg(test)]
mod tests;

use std::path::Path;

use daypass_core::{browser::Browser, problem::Problem, view::BrowserView};
use daypass_shared_files::{file, ini::Document};

pub use self::opener::Opener;
use self::{family::Profiles, installed::Installed};
use crate::programs::Programs;

/// The longest file that is looked at. Chromium's `Local State` has some hundred kilobytes.
const MAX_LEN: usize = 4 * 1024 * 1024;
/// The most browsers, profiles or containers that are told of.
const MAX_FOUND: usize = 64;

impl Programs {
    /// The browsers that are installed, with their profiles and containers. Blocks while it reads.
    pub fn browsers(&self) -> Vec<BrowserView> {
        installed::all(self)
            .iter()
            .map(|browser| self.view(browser))
            .collect()
    }

    /// How an address is opened in a browser. Blocks while it reads.
    ///
    /// # Errors
    /// When the browser, its profile or its container is not there any more.
    pub fn opener(&self, browser: &Browser) -> Result<Opener, Problem> {
        let found = installed::find(self, &browser.program);
        let found = found.ok_or_else(|| opener::gone(&browser.program))?;
        let kind = family::of(&found).map(|family| family.kind);
        opener::opener(&found, kind, &self.view(&found), browser)
    }

    fn view(&self, browser: &Installed) -> BrowserView {
        let Profiles {
            profiles,
            containers,
        } = family::of(browser)
            .map(|family| family.profiles(self, browser))
            .unwrap_or_default();
        BrowserView {
            program: browser.id.clone(),
            name: browser.name.clone(),
            profiles,
            containers,
        }
    }
}

/// The text of a file, if it is one that may be looked at.
fn text(path: &Path) -> Option<String> {
    let text = file::read(path).ok()??;
    (text.len() <= MAX_LEN).then(|| text.to_string())
}

/// An INI file. AWS's rules for it, which forbid what is there twice, do for others' too.
fn ini(path: &Path) -> Option<Document> {
    Document::parse(&text(path)?).ok()
}

/// Whether a name can be shown and be given to a program.
fn is_name(name: &str) -> bool {
    let browser = Browser {
        program: name.to_owned(),
        profile: None,
        container: None,
    };
    browser.check().is_ok() && !name.chars().any(daypass_core::name::changes_direction)
}
