//! A private desktop: session bus, keychain, and where wanted a screen with panel, window manager
//! and notification daemon.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, Home, Process, Result, process::drain, programs, run, wait};

/// Debian's libfaketime: moves the clock of our own programs without a line of code in them.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
/// The colour of the desktop's background: red, green and blue.
pub const BACKGROUND: u32 = 0x003b_4a6b;
/// Size of the screen.
const SCREEN: &str = "1280x800x24";

/// Where a private desktop is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Nowhere.
    None,
    /// On an X server without a monitor.
    Hidden,
    /// In a window on the person's own desktop.
    Window,
}

/// What a private desktop is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// X server and window manager.
    pub screen: Screen,
    /// XFCE's panel with a tray; needs a screen.
    pub panel: bool,
    /// gnome-keyring, unlocked.
    pub keychain: bool,
    /// The dunst notification daemon; needs a screen.
    pub notifications: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self {
        screen: Screen::Hidden,
        panel: true,
        keychain: true,
        notifications: true,
    };
    /// A bus and a keychain, as a server with a Secret Service has them.
    pub const HEADLESS: Self = Self {
        screen: Screen::None,
        panel: false,
        keychain: true,
        notifications: false,
    };
}

/// The private desktop. Ends, with everything on it, when dropped.
pub struct Desktop {
    /// In the order in which they end: the bus, which was first, last.
    processes: Vec<Process>,
    /// Its home.
    pub home: Home,
    clock: PathBuf,
    bus: String,
}

impl Desktop {
    /// Starts the desktop's parts.
    ///
    /// # Errors
    /// Names the part that doesn't start.
    pub fn start(parts: Parts) -> Result<Self> {
        let home = Home::new()?;
        let clock = home.path().join("clock");
        let mut desktop = Self {
            processes: Vec::new(),
            home,
            clock,
            bus: String::new(),
        };
        if parts.screen != Screen::None {
            desktop.start_screen(parts.screen)?;
        }
        if !parts.notifications {
            desktop.hide_notifications()?;
        }
        desktop.start_bus()?;
        if parts.screen != Screen::None {
            desktop.start_part("openbox", &[])?;
            succeed(
                desktop
                    .home
                    .command("xsetroot")
                    .args(["-solid", &format!("#{BACKGROUND:06x}")]),
            )?;
        }
        if parts.keychain {
            desktop.start_keychain()?;
        }
        if parts.notifications {
            desktop.start_notifications()?;
        }
        if parts.panel {
            desktop.start_panel()?;
        }
        Ok(desktop)
    }

    /// Starts one of our own programs, its log beside it, on the desktop's clock.
    ///
    /// # Errors
    /// When it isn't built.
    pub fn start_program(&mut self, name: &str, arguments: &[&str]) -> Result<()> {
        let process = self.program_process(name, arguments)?;
        self.processes.insert(0, process);
        Ok(())
    }

    /// Starts one of our own programs, and hands it out.
    ///
    /// # Errors
    /// When it isn't built.
    pub fn program_process(&self, name: &str, arguments: &[&str]) -> Result<Process> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.home.log(name))?;
        let mut command = self.home.lasting(programs()?.join(name));
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        Process::start(&mut command)
    }

    /// Waits until the first process of the desktop, its X server, has ended.
    ///
    /// # Errors
    /// When there is none.
    pub fn wait_for_screen(&mut self) -> Result<()> {
        let server = self
            .processes
            .last_mut()
            .ok_or_else(|| Error::new("there is no screen"))?;
        server.wait_as_long_as_it_takes()
    }

    /// Puts a process under the desktop's care.
    pub fn keep(&mut self, process: Process) {
        self.processes.insert(0, process);
    }

    /// Gives our programs, from now on started, a clock that [`Self::move_clock`] can move.
    ///
    /// # Errors
    /// When libfaketime isn't there.
    pub fn with_movable_clock(&mut self) -> Result<()> {
        if !Path::new(FAKETIME).is_file() {
            return Err(Error::new("libfaketime is not installed"));
        }
        fs::write(&self.clock, "+0\n")?;
        self.home.set("LD_PRELOAD", FAKETIME);
        self.home.set("FAKETIME_TIMESTAMP_FILE", self.clock.clone());
        self.home.set("FAKETIME_NO_CACHE", "1");
        // Timers go on as they are; only the wall clock moves, as when somebody sets it.
        self.home.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        self.home.set("DONT_FAKE_MONOTONIC", "1");
        Ok(())
    }

    /// Sets our programs' clock ahead by that many seconds of real time.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn move_clock(&self, seconds: i64) -> Result<()> {
        let new = self.clock.with_extension("new");
        fs::write(&new, format!("+{seconds}\n"))?;
        Ok(fs::rename(new, &self.clock)?)
    }

    fn start_screen(&mut self, screen: Screen) -> Result<()> {
        let mut command = match screen {
            Screen::Window => {
                let mut command = self.home.lasting("Xephyr");
                for name in ["DISPLAY", "XAUTHORITY"] {
                    command.envs(std::env::var_os(name).map(|value| (name, value)));
                }
                command.args(["-screen", "1280x800", "-title", "Daypass demo"]);
                command
            }
            Screen::None | Screen::Hidden => {
                let mut command = self.home.lasting("Xvfb");
                command.args(["-screen", "0", SCREEN]);
                command
            }
        };
        // The server writes the display that it found free to its standard output. Without
        // -noreset it forgets the background when the first client leaves; -ac lets a test be
        // another user.
        command.args(["-displayfd", "1", "-noreset", "-ac", "-nolisten", "tcp"]);
        let (server, stdout) = Process::start_piped(command.stderr(Stdio::null()))?;
        let mut number = String::new();
        BufReader::new(stdout).read_line(&mut number)?;
        self.keep(server);
        if number.trim().is_empty() {
            return Err(Error::new("the X server did not start"));
        }
        self.home.set("DISPLAY", format!(":{}", number.trim()));
        // No GPU here.
        self.home.set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        self.home.set("LIBGL_ALWAYS_SOFTWARE", "1");
        Ok(())
    }

    fn start_bus(&mut self) -> Result<()> {
        let mut command = self.home.lasting("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]);
        let (bus, stdout) = Process::start_piped(command.stderr(Stdio::null()))?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        self.keep(bus);
        self.home.set("DBUS_SESSION_BUS_ADDRESS", address.trim());
        // The person's own logind and network are not for the stage.
        self.home.set("DBUS_SYSTEM_BUS_ADDRESS", address.trim());
        address.trim().clone_into(&mut self.bus);
        Ok(())
    }

    /// The address of its bus, which is both session and system bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// The bus would start an installed notification daemon by itself.
    fn hide_notifications(&self) -> Result<()> {
        let folder = self.home.path().join("data/dbus-1/services");
        fs::create_dir_all(&folder)?;
        Ok(fs::write(
            folder.join("none.service"),
            "[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/bin/false\n",
        )?)
    }

    /// Starts the notification daemon.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn start_notifications(&mut self) -> Result<()> {
        let config = self.home.path().join("dunstrc");
        fs::write(
            &config,
            "[global]\nwidth = 340\nheight = 200\norigin = bottom-right\noffset = 16x16\nfont = DejaVu Sans 10\nframe_width = 1\nframe_color = \"#8892b0\"\ncorner_radius = 6\npadding = 12\nhorizontal_padding = 14\n[urgency_normal]\nbackground = \"#1e2340\"\nforeground = \"#ffffff\"\ntimeout = 0\n",
        )?;
        let config = config.to_string_lossy().into_owned();
        self.start_part("dunst", &["-config", &config])?;
        self.wait_for_name("org.freedesktop.Notifications")
    }

    /// Starts the panel.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn start_panel(&mut self) -> Result<()> {
        let folder = self
            .home
            .path()
            .join("config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("xfce4-panel.xml"), PANEL)?;
        self.start_part("xfce4-panel", &["--disable-wm-check"])?;
        self.wait_for_name("org.kde.StatusNotifierWatcher")
    }

    fn start_part(&mut self, name: &str, arguments: &[&str]) -> Result<()> {
        let log = fs::File::create(self.home.log(name))?;
        let mut command = self.home.lasting(name);
        command.args(arguments).stdout(Stdio::null()).stderr(log);
        let process = Process::start(&mut command)?;
        self.keep(process);
        Ok(())
    }

    /// Waits until somebody owns a name on the bus.
    ///
    /// # Errors
    /// When nobody comes.
    pub fn wait_for_name(&self, name: &str) -> Result<()> {
        wait::until(name, || {
            let mut command = self.home.command("gdbus");
            command.args(["wait", "--session", "--timeout", "1", name]);
            succeed(&mut command).ok()
        })
    }

    /// Kills the program that owns a name on the bus.
    ///
    /// # Errors
    /// When nobody owns it, or it does not end.
    pub fn kill_owner(&self, name: &str) -> Result<()> {
        let owner = self.owner_of(name)?;
        kill_process(owner, Signal::KILL).map_err(std::io::Error::from)?;
        self.wait_for_no(name)
    }

    pub(crate) fn owner_of(&self, name: &str) -> Result<Pid> {
        let answer = self.ask_bus("GetConnectionUnixProcessID", name)?;
        let digits = answer.rsplit(' ').next().unwrap_or_default();
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let id = digits.parse().ok().and_then(Pid::from_raw);
        id.ok_or_else(|| Error::new(format!("nobody owns {name}: {answer}")))
    }

    /// Kills the panel, and with it the host of the tray icons.
    ///
    /// # Errors
    /// When there is none, or it does not end.
    pub fn kill_panel(&self) -> Result<()> {
        self.kill_owner("org.xfce.Panel")?;
        self.wait_for_no("org.kde.StatusNotifierWatcher")
    }

    fn wait_for_no(&self, name: &str) -> Result<()> {
        wait::until("the end of a program", || {
            let answer = self.ask_bus("NameHasOwner", name).ok()?;
            answer.contains("false").then_some(())
        })
    }

    fn ask_bus(&self, method: &str, name: &str) -> Result<String> {
        let mut command = self.home.command("gdbus");
        command.args(["call", "--session", "--dest", "org.freedesktop.DBus"]);
        command.args(["--object-path", "/org/freedesktop/DBus", "--method"]);
        let method = format!("org.freedesktop.DBus.{method}");
        let output = run(command.args([method.as_str(), name]), "")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Follows the notifications that are sent, into a file.
    ///
    /// # Errors
    /// When the bus can't be watched.
    pub fn record_notifications(&mut self) -> Result<PathBuf> {
        let path = self.home.log("notifications");
        let mut command = self.home.lasting("dbus-monitor");
        command.args(["--session", "interface='org.freedesktop.Notifications'"]);
        let (process, stdout) = Process::start_piped(&mut command)?;
        drain(stdout, fs::File::create(&path)?);
        self.keep(process);
        wait::until("dbus-monitor", || {
            fs::metadata(&path).ok().filter(|found| found.len() > 0)
        })?;
        Ok(path)
    }
}

/// Runs a command that has to succeed.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let output = command.output().map_err(|error| {
        Error::new(format!(
            "{} cannot be started: {error}",
            command.get_program().display()
        ))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::new();
    let _ = output.stderr.as_slice().read_to_string(&mut said);
    Err(Error::new(format!(
        "{} failed: {}",
        command.get_program().display(),
        said.trim()
    )))
}

/// A panel along the top with window buttons, a tray and a clock.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="30"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
        <value type="int" value="4"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-3" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
    <property name="plugin-4" type="string" value="clock"/>
  </property>
</channel>
"#;
