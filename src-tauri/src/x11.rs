//! The X server, asked what GTK does not tell.

use x11rb::{
    connection::Connection,
    protocol::xproto::{Atom, AtomEnum, ConnectionExt, Window},
    rust_connection::RustConnection,
};

/// Whether this desktop is Wayland, where the X server knows its own programs only.
pub(crate) fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
}

/// Whether GTK draws our windows there, as it may on Wayland too.
pub(crate) fn is_drawn_on() -> bool {
    use gtk::gdk::prelude::DisplayExtManual;

    gtk::gdk::Display::default().is_some_and(|display| display.backend().is_x11())
}

/// Whether the window that the window manager calls active is one of this process. It stays so while
/// a menu is open, a window is moved, or another one is being chosen.
pub(crate) fn has_active_window() -> bool {
    active_process() == Some(std::process::id())
}

fn active_process() -> Option<u32> {
    let (connection, screen) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(screen)?.root;
    let active = property(&connection, root, b"_NET_ACTIVE_WINDOW", AtomEnum::WINDOW)?;
    property(&connection, active, b"_NET_WM_PID", AtomEnum::CARDINAL)
}

/// The one number of a property.
fn property(connection: &RustConnection, window: Window, name: &[u8], of: AtomEnum) -> Option<u32> {
    let name: Atom = connection.intern_atom(true, name).ok()?.reply().ok()?.atom;
    let found = connection
        .get_property(false, window, name, of, 0, 1)
        .ok()?
        .reply()
        .ok()?;
    found.value32()?.next()
}
