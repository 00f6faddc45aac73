//! Pictures of every screen of the popup, light and dark, at 100 % and 200 %: what the browser
//! tests compare with, and what the README shows.

use std::fs;

use daypass_stage::{Result, workspace};

use crate::step_in;

/// Where they are kept.
const FOLDER: &str = "docs/pictures/popup";

/// Makes all of them anew, so that none stays of a screen that is gone.
pub(crate) fn run() -> Result<()> {
    let folder = workspace().join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    step_in("ui", "npm", &["run", "pictures"])?;
    shrink()?;
    let made = fs::read_dir(&folder)?.count();
    println!("{made} pictures in {FOLDER}");
    Ok(())
}

/// A third of the size, and the same for the eye: 128 colours, no dates.
fn shrink() -> Result<()> {
    let options = "-strip +dither -colors 128 -define png:exclude-chunks=date,time -quality 95";
    // ImageMagick finds the files itself.
    let arguments: Vec<&str> = options.split(' ').chain(["*.png"]).collect();
    step_in(FOLDER, "mogrify", &arguments)
}
