//! Everything that the project needs and Rust, Node and npm don't bring. Names what it is about to
//! install and asks first; a second run finds nothing to do.

use std::{
    fs,
    io::{IsTerminal, Write},
    path::Path,
    process::{Command, Stdio},
};

use daypass_stage::{Error, Result, workspace};

use crate::{step, step_in};

/// Debian's names. The first group builds, the second is the desktop to test on, the third the
/// clients and tools of the tests.
const PACKAGES: &[&str] = &[
    "build-essential",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
    // The desktop.
    "adwaita-icon-theme",
    "at-spi2-core",
    "ca-certificates",
    "curl",
    "dbus",
    "dbus-x11",
    "dunst",
    "fonts-dejavu-core",
    "gir1.2-atspi-2.0",
    "gnome-keyring",
    "imagemagick",
    "libglib2.0-bin",
    "openbox",
    "python3-gi",
    "webkit2gtk-driver",
    "x11-utils",
    "x11-xserver-utils",
    "xdg-utils",
    "xdotool",
    "xfce4-panel",
    "xserver-xephyr",
    "xvfb",
    // The tests.
    "awscli",
    "faketime",
    "libsecret-tools",
    "procps",
    "python3-venv",
    "util-linux",
    "xclip",
];

/// Installs what is missing.
pub(crate) fn run(agreed: bool) -> Result<()> {
    system_packages(agreed)?;
    for folder in ["ui", "tests/clients/javascript"] {
        node_packages(folder)?;
    }
    test_python()
}

fn system_packages(agreed: bool) -> Result<()> {
    // Elsewhere the package of that name is none, but leads to a store; the demo does without.
    let browser = is_debian().then_some("chromium");
    let missing: Vec<&str> = PACKAGES
        .iter()
        .copied()
        .chain(browser)
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!(
        "apt-get install --no-install-recommends {}",
        missing.join(" ")
    );
    let (elevate, can_install) = elevation();
    if !can_install {
        return Err(Error::new(format!(
            "some packages are missing. Install them with: sudo {install}"
        )));
    }
    if !agreed
        && !ask(&format!(
            "Daypass's tests and demo need these packages:\n  {}\nInstall them?",
            missing.join(" ")
        ))?
    {
        return Err(Error::new(format!(
            "nothing was installed. The command would be: sudo {install}"
        )));
    }
    let apt = |arguments: &[&str]| {
        let all: Vec<&str> = elevate
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"])
            .chain(arguments.iter().copied())
            .collect();
        match all.split_first() {
            Some((program, rest)) => step(program, rest),
            None => Ok(()),
        }
    };
    apt(&["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(missing);
    apt(&arguments)
}

fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

fn is_installed(package: &str) -> bool {
    let status = Command::new("dpkg-query")
        .args(["-W", "-f", "${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output();
    status.is_ok_and(|output| output.stdout == b"installed")
}

/// How to become root, and whether that is possible here.
fn elevation() -> (&'static [&'static str], bool) {
    let exists = |program: &str| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok()
    };
    if !exists("apt-get") {
        return (&[], false);
    }
    let id = Command::new("id").arg("-u").output();
    if id.is_ok_and(|output| output.stdout.starts_with(b"0\n")) {
        return (&[], true);
    }
    (&["sudo"], exists("sudo"))
}

fn ask(question: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn node_packages(folder: &str) -> Result<()> {
    let package = workspace().join(folder);
    let stamp = package.join("node_modules/.daypass-stamp");
    once(&stamp, &package.join("package-lock.json"), || {
        step_in(folder, "npm", &["ci", "--no-audit", "--no-fund"])
    })
}

fn test_python() -> Result<()> {
    let folder = workspace().join("target/test-python");
    let requirements = workspace().join("tests/requirements.txt");
    once(&folder.join(".daypass-stamp"), &requirements, || {
        // Debian's own Python: others may lack venv, or their certificates.
        step(
            "/usr/bin/python3",
            &["-m", "venv", "--clear", "target/test-python"],
        )?;
        step(
            "target/test-python/bin/python",
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                "tests/requirements.txt",
            ],
        )
    })
}

/// Does something unless it was done for the same input before.
fn once(stamp: &Path, input: &Path, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = fs::read(input)?;
    if fs::read(stamp).is_ok_and(|done| done == wanted) {
        return Ok(());
    }
    work()?;
    Ok(fs::write(stamp, wanted)?)
}
