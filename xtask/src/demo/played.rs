//! A private desktop in a window, for a person to play with.

use daypass_stage::{
    Result, Screen,
    aws::{ADA_KEY_ID, ADA_SERIAL, secret_of},
};

use super::{ROLE_ARN, stage};

pub(super) fn run() -> Result<()> {
    let (mut desktop, aws) = stage(Screen::Window)?;
    let device = format!("{}/_sandbox/device?serial={ADA_SERIAL}", aws.url());
    let browser = desktop.home.path().join("browser");
    let mut open = desktop.home.command(browser);
    desktop.keep(daypass_stage::Process::start(open.arg(device))?);
    println!(
        "
A desktop of its own is open in the window \"Daypass demo\", with a pretended AWS. Nothing in it
touches your files, your keychain or the network. Click the icon in its panel, and add:

  Access key ID        {ADA_KEY_ID}
  Secret access key    {}
  MFA device           {ADA_SERIAL}
  Role ARN             {ROLE_ARN}

The browser in it shows the codes of the MFA device. Close the window to end.",
        secret_of("ada")?
    );
    desktop.wait_for_screen()
}
