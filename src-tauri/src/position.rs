//! Where the popup goes: beside the pointer, which has just clicked the tray icon.

use tauri::{PhysicalPosition, PhysicalSize};

/// Between pointer and window, in pixels.
const GAP: i32 = 12;

/// The window's upper left corner: centred under or over the pointer, whichever has more room, and
/// within the screen.
pub(crate) fn beside(
    pointer: PhysicalPosition<i32>,
    window: PhysicalSize<u32>,
    screen: (PhysicalPosition<i32>, PhysicalSize<u32>),
) -> PhysicalPosition<i32> {
    let (origin, size) = screen;
    let [width, height] = [window.width, window.height].map(|length| length.cast_signed());
    let [right, bottom] = [
        origin.x + size.width.cast_signed(),
        origin.y + size.height.cast_signed(),
    ];
    let upper_half = pointer.y - origin.y < bottom - pointer.y;
    let y = if upper_half {
        pointer.y + GAP
    } else {
        pointer.y - GAP - height
    };
    PhysicalPosition {
        x: (pointer.x - width / 2).min(right - width).max(origin.x),
        y: y.min(bottom - height).max(origin.y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_beside_the_pointer_and_on_the_screen() {
        let screen = (PhysicalPosition::new(0, 0), PhysicalSize::new(1_280, 800));
        let at = |x, y| {
            let place = beside(
                PhysicalPosition::new(x, y),
                PhysicalSize::new(400, 560),
                screen,
            );
            (place.x, place.y)
        };
        assert_eq!(at(640, 10), (440, 22));
        assert_eq!(at(1_270, 10), (880, 22));
        assert_eq!(at(5, 790), (0, 218));
        assert_eq!(at(640, 401), (440, 0));
    }
}
