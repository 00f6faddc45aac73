//! Puts the popup's window into its place, and remembers where it was left. Where programs may not
//! place their windows, as on Wayland, the desktop does.

use std::path::Path;

use tauri::{PhysicalPosition, WebviewWindow};

use crate::{
    position::{Area, Screen, place},
    window_place::WindowPlace,
};

/// Moves the window to its place, before it is shown.
pub(crate) fn put(window: &WebviewWindow, remembered: &Path) {
    if !may_place() {
        return;
    }
    let left_at = WindowPlace::read(remembered);
    let left_at = left_at.map(|WindowPlace { x, y }| PhysicalPosition::new(x, y));
    let size = window.outer_size().unwrap_or_default();
    let _ = match place(pointer(window), left_at, size, &screens(window)) {
        Some(place) => window.set_position(place),
        None => window.center(),
    };
}

/// Hides the window, and remembers where it was.
pub(crate) fn hide(window: &WebviewWindow, remembered: &Path) {
    remember(window, remembered);
    let _ = window.hide();
}

/// Remembers where the window is, if it is anywhere.
pub(crate) fn remember(window: &WebviewWindow, remembered: &Path) {
    let left_at = left_at(window);
    if let Some(Err(problem)) = left_at.map(|place| place.write(remembered)) {
        tracing::warn!(%problem, "the window's place is not remembered");
    }
}

fn left_at(window: &WebviewWindow) -> Option<WindowPlace> {
    if !may_place() || !window.is_visible().ok()? {
        return None;
    }
    let PhysicalPosition { x, y } = window.outer_position().ok()?;
    Some(WindowPlace { x, y })
}

#[cfg(target_os = "linux")]
fn may_place() -> bool {
    crate::x11::is_drawn_on()
}

#[cfg(not(target_os = "linux"))]
fn may_place() -> bool {
    true
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "screens are smaller than that"
)]
fn pointer(window: &WebviewWindow) -> Option<PhysicalPosition<i32>> {
    let pointer = window.cursor_position().ok()?;
    Some(PhysicalPosition::new(pointer.x as i32, pointer.y as i32))
}

fn screens(window: &WebviewWindow) -> Vec<Screen> {
    let monitors = window.available_monitors().unwrap_or_default();
    let screen = |monitor: &tauri::Monitor| {
        let free = monitor.work_area();
        Screen {
            whole: Area::new(*monitor.position(), *monitor.size()),
            free: Area::new(free.position, free.size),
        }
    };
    monitors.iter().map(screen).collect()
}
