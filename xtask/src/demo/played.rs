//! A private desktop in a window, for a person to play with.

use daypass_stage::{
    Process, Result, Screen,
    aws::{ADA_KEY_ID, ADA_SERIAL, secret_of},
};

use super::{ROLE_ARN, stage};

pub(super) fn run() -> Result<()> {
    let (mut desktop, aws) = stage(Screen::Window)?;
    let secret = secret_of("ada")?;
    let device = format!("{}/_sandbox/device?serial={ADA_SERIAL}", aws.url());
    let note = desktop.home.path().join("note.txt");
    // The desktop in the window has a clipboard of its own: what is copied has to be in it.
    std::fs::write(
        &note,
        format!("{ADA_KEY_ID}\n\n{secret}\n\n{ADA_SERIAL}\n\n{ROLE_ARN}\n"),
    )?;
    let mut open = desktop.home.lasting(desktop.home.path().join("browser"));
    desktop.keep(Process::start(open.arg(note).arg(device))?);
    println!(
        "
A desktop of its own is open in the window \"Daypass demo\", with a pretended AWS. Nothing in it
touches your files, your keychain or the network. Click the icon in its panel, and add:

  Access key ID        {ADA_KEY_ID}
  Secret access key    {secret}
  MFA device           {ADA_SERIAL}
  Role ARN             {ROLE_ARN}

The browser in it has these to copy, and shows the codes of the MFA device. Close the window to end."
    );
    desktop.wait_for_screen()
}
