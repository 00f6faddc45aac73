//! A stage to try Daypass on: a private home, session bus, X server, panel, keychain,
//! notification daemon and AWS, none of which touches the person's own. Used by the end-to-end
//! tests and by `cargo xtask demo`.

#![expect(
    clippy::indexing_slicing,
    reason = "indexing a serde_json Value yields Null where there is nothing"
)]

pub mod aws;
pub mod clocks;
pub mod desktop;
mod error;
mod footprint;
mod home;
mod keychain;
pub mod load;
mod process;
mod process_tree;
pub mod proxy;
pub mod screen;
pub mod socket;
pub mod wait;
pub mod webdriver;
pub mod x11;

pub use rustix::process::Signal;

pub use self::{
    desktop::{Desktop, Parts, Screen},
    error::{Error, Result},
    footprint::Footprint,
    home::Home,
    process::{Process, run},
    process_tree::ProcessTree,
};

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
}

/// The folder of the built programs: that of the running one, or beside it.
///
/// # Errors
/// When the system doesn't tell.
pub fn programs() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own
        .ancestors()
        .find(|folder| folder.join("daypass-sandbox").is_file());
    folder
        .map(Path::to_owned)
        .ok_or_else(|| Error::new("the programs are not built: run `cargo build --workspace`"))
}
