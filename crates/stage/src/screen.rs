//! What a person does at the screen: look, point, type. Windows are found as a screen reader finds
//! them, through the accessibility tree.

use std::path::Path;

use serde_json::Value;

use crate::{Desktop, Error, Result, desktop::succeed, wait};

/// Debian's own Python, for which the accessibility bindings are packaged.
const PYTHON: &str = "/usr/bin/python3";
const ACCESSIBLE: &str = include_str!("accessible.py");

/// Something on the screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
    /// How wide.
    pub width: i64,
    /// How high.
    pub height: i64,
}

impl Desktop {
    /// Takes a picture of the whole screen.
    ///
    /// # Errors
    /// When ImageMagick isn't there.
    pub fn picture(&self, path: &Path) -> Result<()> {
        let mut command = self.home.command("import");
        command.args(["-window", "root"]).arg(path);
        // Its temporary files must not go where our own are searched for secrets.
        succeed(command.env_remove("LD_PRELOAD"))
    }

    /// Clicks with the left button of a real pointer.
    ///
    /// # Errors
    /// When the X server doesn't take it.
    pub fn click(&self, area: Area) -> Result<()> {
        let x = (area.x + area.width / 2).to_string();
        let y = (area.y + area.height / 2).to_string();
        self.xdotool(&["mousemove", "--sync", &x, &y])?;
        self.xdotool(&["click", "1"])
    }

    /// Types text with a real keyboard.
    ///
    /// # Errors
    /// When the X server doesn't take it.
    pub fn type_text(&self, text: &str) -> Result<()> {
        self.xdotool(&["type", "--delay", "8", text])
    }

    /// Presses a key, such as `Tab`.
    ///
    /// # Errors
    /// When the X server doesn't take it.
    pub fn key(&self, key: &str) -> Result<()> {
        self.xdotool(&["key", key])
    }

    /// The place of the visible window of that title, once it is there.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn window(&self, title: &str) -> Result<Area> {
        wait::until(&format!("the window {title}"), || self.find_window(title))
    }

    /// Waits until no window of that title is visible.
    ///
    /// # Errors
    /// When it stays.
    pub fn no_window(&self, title: &str) -> Result<()> {
        wait::until(&format!("the window {title} to go"), || {
            self.find_window(title).is_none().then_some(())
        })
    }

    fn find_window(&self, title: &str) -> Option<Area> {
        let pattern = format!("^{title}$");
        let found = self
            .xdotool_says(&["search", "--onlyvisible", "--name", &pattern])
            .ok()?;
        let window = found.lines().next()?;
        let geometry = self
            .xdotool_says(&["getwindowgeometry", "--shell", window])
            .ok()?;
        let number = |name: &str| {
            let line = geometry
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line?.parse().ok()
        };
        Some(Area {
            x: number("X")?,
            y: number("Y")?,
            width: number("WIDTH")?,
            height: number("HEIGHT")?,
        })
    }

    /// The place of the tray's icon in the panel, once it is there.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn tray_icon(&self) -> Result<Area> {
        self.accessible("push button", "Daypass", false)
    }

    /// The place of something with that role and a name beginning so, as a screen reader finds it.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn accessible(&self, role: &str, name: &str, focused: bool) -> Result<Area> {
        wait::until(&format!("the {role} {name:?}"), || {
            self.find_accessible(role, name, focused)
        })
    }

    /// Waits until the focus is in a text field of that name.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn focused(&self, role: &str, name: &str) -> Result<()> {
        self.accessible(role, name, true).map(|_| ())
    }

    fn find_accessible(&self, role: &str, name: &str, focused: bool) -> Option<Area> {
        let mut command = self.home.command(PYTHON);
        command.env_remove("LD_PRELOAD");
        command.args([
            "-c",
            ACCESSIBLE,
            role,
            name,
            if focused { "focused" } else { "" },
        ]);
        let output = command
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        let place: Value = serde_json::from_slice(&output.stdout).ok()?;
        Some(Area {
            x: place["x"].as_i64()?,
            y: place["y"].as_i64()?,
            width: place["width"].as_i64()?,
            height: place["height"].as_i64()?,
        })
    }

    fn xdotool(&self, arguments: &[&str]) -> Result<()> {
        self.xdotool_says(arguments).map(|_| ())
    }

    fn xdotool_says(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.home.command("xdotool");
        let output = command.env_remove("LD_PRELOAD").args(arguments).output()?;
        if !output.status.success() {
            return Err(Error::new(format!(
                "xdotool {} failed",
                arguments.first().unwrap_or(&"")
            )));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
