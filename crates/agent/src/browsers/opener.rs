//! The command that opens an address in a certain browser.

use daypass_core::{
    browser::Browser,
    problem::{Code, Problem},
    view::BrowserView,
};
use url::form_urlencoded;

use super::{family::Kind, installed::Installed};

/// The add-on that opens a link in a container, by its name in Firefox's collection.
const CONTAINER_ADD_ON: &str = "Open external links in a container";

/// How an address is opened in a certain browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opener {
    before: Vec<String>,
    after: Vec<String>,
    container: Option<String>,
}

impl Opener {
    /// Program and arguments. The address must hold no secret: every user of the machine can read
    /// it there (T13).
    pub fn command(&self, url: &str) -> Vec<String> {
        let address = match &self.container {
            Some(container) => in_container(container, url),
            None => url.to_owned(),
        };
        let mut words = self.before.clone();
        words.push(address);
        words.extend_from_slice(&self.after);
        words
    }
}

/// The add-on's own scheme. Blanks are `%20`: browsers take a `+` there for a plus.
fn in_container(container: &str, url: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("name", container)
        .append_pair("url", url)
        .finish();
    format!("ext+container:{}", query.replace('+', "%20"))
}

/// How `wanted` is opened in the browser that was found for it.
pub(super) fn opener(
    found: &Installed,
    kind: Option<Kind>,
    view: &BrowserView,
    wanted: &Browser,
) -> Result<Opener, Problem> {
    let mut before = found.before.clone();
    if let Some(profile) = &wanted.profile {
        let known = view.profiles.iter().any(|known| known.id == *profile);
        // Chromium would make a profile that is not there, Firefox would ask for another one.
        match kind.filter(|_| known) {
            Some(Kind::Chromium) => before.push(format!("--profile-directory={profile}")),
            Some(Kind::Firefox) => before.extend(["-P".to_owned(), profile.clone()]),
            None => return Err(no_profile(&view.name, profile)),
        }
    }
    if let Some(container) = &wanted.container
        && !view.containers.contains(container)
    {
        return Err(no_container(&view.name, container));
    }
    Ok(Opener {
        before,
        after: found.after.clone(),
        container: wanted.container.clone(),
    })
}

pub(super) fn gone(program: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The chosen browser, {program}, is not installed."),
        "Install it, or choose another browser where this one was chosen: for the role, for its account, or in the settings.",
    )
}

fn no_profile(browser: &str, profile: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("{browser} has no profile {profile}."),
        "Choose another one where this one was chosen: for the role, for its account, or in the settings.",
    )
}

fn no_container(browser: &str, container: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("{browser} has no container {container}."),
        format!(
            "Make it there, or choose another one. Links reach containers by the add-on “{CONTAINER_ADD_ON}”."
        ),
    )
}
