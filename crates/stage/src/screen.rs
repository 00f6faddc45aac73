//! What a person does at the screen: look, point, type. Windows are found as a screen reader finds
//! them, through the accessibility tree.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use crate::{Desktop, Error, Result, desktop::succeed, wait};

/// Debian's own Python, for which the bindings to GLib are packaged.
pub(crate) const PYTHON: &str = "/usr/bin/python3";
const ACCESSIBLE: &str = include_str!("accessible.py");

/// The popup's name among the applications.
const POPUP: &str = "daypass-tray";

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

    /// Moves the pointer.
    ///
    /// # Errors
    /// When the X server doesn't take it.
    pub fn point(&self, x: i64, y: i64) -> Result<()> {
        self.xdotool(&["mousemove", "--sync", &x.to_string(), &y.to_string()])
    }

    /// Makes the window whose title begins so the active one, as a click on its title does.
    ///
    /// # Errors
    /// When there is none.
    pub fn activate(&self, title: &str) -> Result<()> {
        let window = self.find_windows(title).into_iter().next();
        let window = window.ok_or_else(|| Error::new(format!("there is no window {title}")))?;
        self.xdotool(&["windowactivate", &window])
    }

    /// Moves the window whose title begins so.
    ///
    /// # Errors
    /// When there is none.
    pub fn move_window(&self, title: &str, x: i64, y: i64) -> Result<()> {
        let window = self.find_windows(title).into_iter().next();
        let window = window.ok_or_else(|| Error::new(format!("there is no window {title}")))?;
        self.xdotool(&["windowmove", &window, &x.to_string(), &y.to_string()])
    }

    /// The place of the visible window whose title begins so, once it is there.
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

    /// How many programs have a window on the screen whose title begins so. Tooltips are windows
    /// too, and have their program's title.
    pub fn programs_with_window(&self, title: &str) -> usize {
        let program = |window: &String| self.xdotool_says(&["getwindowpid", window]).ok();
        let found = self.find_windows(title);
        found
            .iter()
            .filter_map(program)
            .collect::<BTreeSet<_>>()
            .len()
    }

    fn find_windows(&self, title: &str) -> Vec<String> {
        let pattern = format!("^{title}");
        // It fails where there is none.
        let found = self.xdotool_says(&["search", "--onlyvisible", "--name", &pattern]);
        let found = found.unwrap_or_default();
        found.lines().map(ToOwned::to_owned).collect()
    }

    fn find_window(&self, title: &str) -> Option<Area> {
        let window = self.find_windows(title).into_iter().next()?;
        let geometry = self
            .xdotool_says(&["getwindowgeometry", "--shell", &window])
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

    /// The place of the only icon in the panel's tray, once it is there. The panel keeps its tray
    /// in a window of this name, which is a pixel wide while it is empty.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn tray_icon(&self) -> Result<Area> {
        wait::until("the tray icon", || {
            self.find_window("wrapper-2.0")
                .filter(|tray| tray.width >= 22)
        })
    }

    /// The place of something in the popup with that role and a name beginning so.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn in_popup(&self, role: &str, name: &str) -> Result<Area> {
        wait::until(&format!("the {role} {name:?}"), || {
            self.find(role, name, false)
        })
    }

    /// Where something with that role and name is in the popup, if it is there now.
    pub fn seen_in_popup(&self, role: &str, name: &str) -> Option<Area> {
        self.find(role, name, false)
    }

    /// Waits until the popup's focus is in something with that role and name.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn focused(&self, role: &str, name: &str) -> Result<()> {
        wait::until(&format!("the focus in {name:?}"), || {
            self.find(role, name, true)
        })
        .map(|_| ())
    }

    fn find(&self, role: &str, name: &str, focused: bool) -> Option<Area> {
        let mut command = self.home.command(PYTHON);
        command.env_remove("LD_PRELOAD");
        let focused = if focused { "focused" } else { "" };
        command.args(["-c", ACCESSIBLE, POPUP, role, name, focused]);
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
