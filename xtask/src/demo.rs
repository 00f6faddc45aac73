//! The whole job as a person does it.

use std::{fs, path::PathBuf};

use daypass_stage::{
    Desktop, Parts, Result,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    workspace,
};

use crate::build;

pub(crate) fn run(_headless: bool) -> Result<()> {
    let out = workspace().join("target/demo");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out)?;
    let mut desktop = Desktop::start(Parts::ALL)?;
    desktop.with_movable_clock()?;
    let aws = Aws::start(&desktop.home)?;
    desktop
        .home
        .write_config(&format!("version = 1\n\n{}", aws.endpoints()))?;
    desktop.start_program("daypass-tray", &[])?;
    println!("env DISPLAY etc at {}", desktop.home.path().display());
    let mut s = desktop.home.command("bash");
    let _ = (ADA_KEY_ID, ADA_SERIAL, secret_of("ada")?, PathBuf::new());
    s.status()?;
    Ok(())
}
