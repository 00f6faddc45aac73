//! Keys that show the window from anywhere, on X11. A thread waits for them at the X server.

use std::{
    sync::{Arc, mpsc},
    thread,
};

use daypass_agent::controller::Input;
use daypass_core::{
    problem::{Code, Problem},
    shortcut::{Key, Shortcut},
};
use tokio::sync::mpsc::UnboundedSender;
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        Event,
        xproto::{ConnectionExt, Grab, GrabMode, Keycode, ModMask, Window},
    },
    rust_connection::RustConnection,
};

use crate::x11::is_wayland;

/// Caps Lock and Num Lock, which nobody means to be part of a shortcut.
const LOCKS: [u16; 2] = [1 << 1, 1 << 4];

/// The keys that are waited for. A thread of its own takes them: the X server may not answer, and
/// whoever sets them serves programs.
pub(crate) struct Keys {
    inputs: UnboundedSender<Input>,
    /// Nobody takes keys until some are wanted.
    taker: Option<mpsc::Sender<Option<String>>>,
}

impl Keys {
    pub(crate) const fn new(inputs: UnboundedSender<Input>) -> Self {
        Self {
            inputs,
            taker: None,
        }
    }

    /// Waits for these keys, and for none that it waited for before. What does not work is told as
    /// a notice.
    pub(crate) fn set(&mut self, wanted: Option<&str>) {
        if wanted.is_none() && self.taker.is_none() {
            return;
        }
        let taker = self.taker.get_or_insert_with(|| {
            let (taker, wishes) = mpsc::channel();
            let inputs = self.inputs.clone();
            thread::spawn(move || take_all(&wishes, &inputs));
            taker
        });
        // It ends with us alone.
        let _ = taker.send(wanted.map(str::to_owned));
    }
}

fn take_all(wishes: &mpsc::Receiver<Option<String>>, inputs: &UnboundedSender<Input>) {
    let mut server = None;
    for wanted in wishes {
        if let Err(problem) = take(&mut server, wanted.as_deref(), inputs) {
            let _ = inputs.send(Input::NotApplied(problem));
        }
    }
}

/// Takes these keys in place of all that were taken; connected once some are wanted.
fn take(
    server: &mut Option<Server>,
    wanted: Option<&str>,
    inputs: &UnboundedSender<Input>,
) -> Result<(), Problem> {
    if let Some(server) = server {
        server.release();
    }
    let Some(text) = wanted else {
        return Ok(());
    };
    let shortcut = text.parse()?;
    if is_wayland() {
        return Err(on_wayland());
    }
    let connected = match server.take() {
        Some(connected) => connected,
        None => Server::connect(inputs.clone()).ok_or_else(no_server)?,
    };
    let server = server.insert(connected);
    match server.take(&shortcut) {
        Ok(true) => Ok(()),
        Ok(false) => {
            server.release();
            Err(taken(text))
        }
        Err(_) => Err(no_server()),
    }
}

/// A connection that keys are taken with, and a thread that waits at it.
struct Server {
    connection: Arc<RustConnection>,
    root: Window,
}

impl Server {
    fn connect(inputs: UnboundedSender<Input>) -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let connection = Arc::new(connection);
        let waiting = Arc::clone(&connection);
        thread::spawn(move || wait(&waiting, &inputs));
        Some(Self { connection, root })
    }

    /// Takes keys for ourselves; false where another program has them, or no keyboard does.
    fn take(&self, shortcut: &Shortcut) -> Result<bool, ReplyError> {
        let codes = self.codes(keysym(shortcut.key))?;
        let modifiers = modifiers(shortcut);
        for code in &codes {
            for locks in [0, LOCKS[0], LOCKS[1], LOCKS[0] | LOCKS[1]] {
                let modifiers = ModMask::from(modifiers | locks);
                let asked = self.connection.grab_key(
                    false,
                    self.root,
                    modifiers,
                    *code,
                    GrabMode::ASYNC,
                    GrabMode::ASYNC,
                )?;
                match asked.check() {
                    Ok(()) => {}
                    Err(ReplyError::X11Error(_)) => return Ok(false),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(!codes.is_empty())
    }

    /// Gives all of them back.
    fn release(&self) {
        // Without a connection there is nothing left to give back.
        let _ = self
            .connection
            .ungrab_key(Grab::ANY, self.root, ModMask::ANY);
        let _ = self.connection.flush();
    }

    /// The keys that have a symbol on them, in whichever of the keyboard's layouts.
    fn codes(&self, keysym: u32) -> Result<Vec<Keycode>, ReplyError> {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let count = last.saturating_sub(first).saturating_add(1);
        let mapping = self
            .connection
            .get_keyboard_mapping(first, count)?
            .reply()?;
        let per_code = usize::from(mapping.keysyms_per_keycode).max(1);
        let codes = (first..=last).zip(mapping.keysyms.chunks(per_code));
        Ok(codes
            .filter(|(_, keysyms)| keysyms.contains(&keysym))
            .map(|(code, _)| code)
            .collect())
    }
}

fn wait(connection: &RustConnection, inputs: &UnboundedSender<Input>) {
    while let Ok(event) = connection.wait_for_event() {
        if matches!(event, Event::KeyPress(_)) {
            let _ = inputs.send(Input::TrayClicked);
        }
    }
}

/// X11's number for a key (X.Org's `keysymdef.h`).
fn keysym(key: Key) -> u32 {
    match key {
        Key::Text(letter) => u32::from(letter),
        Key::Space => u32::from(' '),
        Key::Function(number) => 0xffbd + u32::from(number),
    }
}

fn modifiers(shortcut: &Shortcut) -> u16 {
    [
        (shortcut.shift, 1),
        (shortcut.ctrl, 1 << 2),
        (shortcut.alt, 1 << 3),
        (shortcut.logo, 1 << 6),
    ]
    .into_iter()
    .filter(|(held, _)| *held)
    .map(|(_, bit)| bit)
    .sum()
}

fn taken(text: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The shortcut {text} belongs to another program already."),
        "Choose another one in the settings, or take it from that program.",
    )
}

fn on_wayland() -> Problem {
    Problem::yours(
        Code::Failed,
        "On Wayland a program cannot take a shortcut for itself.",
        "Bind one to the command `daypass-tray` in the keyboard settings of the desktop, and take it out of Daypass's settings.",
    )
}

fn no_server() -> Problem {
    Problem::passing(
        Code::Failed,
        "The X server does not say which keys there are.",
        "Quit Daypass and start it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_put_into_the_x_server_s_numbers() {
        let of = |text: &str| {
            let shortcut: Shortcut = text.parse().unwrap();
            (modifiers(&shortcut), keysym(shortcut.key))
        };
        assert_eq!(of("Ctrl+Alt+D"), (0b1100, 0x64));
        assert_eq!(of("Super+Shift+Space"), (0b100_0001, 0x20));
        assert_eq!(of("F1"), (0, 0xffbe));
        assert_eq!(of("Alt+F12"), (0b1000, 0xffc9));
    }
}
