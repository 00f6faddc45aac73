//! Where the popup goes: beside the pointer, which has just clicked the tray icon, else to where it
//! was last left.

use tauri::{PhysicalPosition, PhysicalSize};

/// Between pointer and window, in pixels.
const GAP: i32 = 12;
/// How far from a screen's edge a panel may reach that does not say where it is, in pixels.
const PANEL: i32 = 48;

/// A rectangle of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
}

impl Area {
    pub(crate) fn new(origin: PhysicalPosition<i32>, size: PhysicalSize<u32>) -> Self {
        Self {
            left: origin.x,
            top: origin.y,
            right: origin.x.saturating_add_unsigned(size.width),
            bottom: origin.y.saturating_add_unsigned(size.height),
        }
    }

    const fn holds(&self, point: PhysicalPosition<i32>) -> bool {
        self.left <= point.x && point.x < self.right && self.top <= point.y && point.y < self.bottom
    }

    const fn without_edge(&self, width: i32) -> Self {
        Self {
            left: self.left.saturating_add(width),
            top: self.top.saturating_add(width),
            right: self.right.saturating_sub(width),
            bottom: self.bottom.saturating_sub(width),
        }
    }

    /// The place nearest to `wanted` at which a window is within.
    fn within(
        &self,
        wanted: PhysicalPosition<i32>,
        window: PhysicalSize<u32>,
    ) -> PhysicalPosition<i32> {
        let last_x = self.right.saturating_sub_unsigned(window.width);
        let last_y = self.bottom.saturating_sub_unsigned(window.height);
        PhysicalPosition {
            x: wanted.x.min(last_x).max(self.left),
            y: wanted.y.min(last_y).max(self.top),
        }
    }
}

/// A screen, and what panels leave of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) whole: Area,
    pub(crate) free: Area,
}

/// The window's upper left corner; nothing where the desktop may choose.
pub(crate) fn place(
    pointer: Option<PhysicalPosition<i32>>,
    left_at: Option<PhysicalPosition<i32>>,
    window: PhysicalSize<u32>,
    screens: &[Screen],
) -> Option<PhysicalPosition<i32>> {
    let under = |point| screens.iter().find(move |screen| screen.whole.holds(point));
    let at_tray = pointer.and_then(|pointer| {
        let screen = under(pointer)?;
        let apart = screen.whole.without_edge(PANEL);
        let is_near = !screen.free.holds(pointer) || !apart.holds(pointer);
        is_near.then(|| beside(pointer, window, &screen.free))
    });
    at_tray.or_else(|| {
        let left_at = left_at?;
        let screen = under(left_at)?;
        Some(screen.free.within(left_at, window))
    })
}

/// Centred under or over the pointer, whichever has more room, and within the screen.
fn beside(
    pointer: PhysicalPosition<i32>,
    window: PhysicalSize<u32>,
    screen: &Area,
) -> PhysicalPosition<i32> {
    let upper_half = pointer.y - screen.top < screen.bottom - pointer.y;
    let y = if upper_half {
        pointer.y.saturating_add(GAP)
    } else {
        pointer
            .y
            .saturating_sub(GAP)
            .saturating_sub_unsigned(window.height)
    };
    let x = pointer.x.saturating_sub_unsigned(window.width / 2);
    screen.within(PhysicalPosition { x, y }, window)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: PhysicalSize<u32> = PhysicalSize {
        width: 400,
        height: 560,
    };

    fn area(left: i32, top: i32, width: u32, height: u32) -> Area {
        Area::new(
            PhysicalPosition::new(left, top),
            PhysicalSize::new(width, height),
        )
    }

    /// A screen with a panel along the top, and one to the right of it without.
    fn screens() -> [Screen; 2] {
        [
            Screen {
                whole: area(0, 0, 1_280, 800),
                free: area(0, 30, 1_280, 770),
            },
            Screen {
                whole: area(1_280, 0, 1_920, 1_080),
                free: area(1_280, 0, 1_920, 1_080),
            },
        ]
    }

    fn at(pointer: Option<(i32, i32)>, left_at: Option<(i32, i32)>) -> Option<(i32, i32)> {
        let point = |(x, y)| PhysicalPosition::new(x, y);
        let place = place(pointer.map(point), left_at.map(point), WINDOW, &screens())?;
        Some((place.x, place.y))
    }

    #[test]
    fn the_window_is_beside_a_pointer_that_is_at_the_tray() {
        let left = Some((100, 100));
        assert_eq!(at(Some((640, 10)), left), Some((440, 30)));
        assert_eq!(at(Some((1_270, 10)), left), Some((880, 30)));
        assert_eq!(at(Some((5, 790)), left), Some((0, 218)));
        assert_eq!(at(Some((2_000, 1_075)), left), Some((1_800, 503)));
    }

    #[test]
    fn else_it_comes_back_to_where_it_was_left() {
        let away = Some((640, 400));
        assert_eq!(at(away, Some((100, 100))), Some((100, 100)));
        assert_eq!(at(None, Some((100, 100))), Some((100, 100)));
        assert_eq!(at(away, Some((1_500, 20))), Some((1_500, 20)));
        // Nobody has moved it yet.
        assert_eq!(at(away, None), None);
    }

    #[test]
    fn a_place_that_is_on_no_screen_any_more_is_none() {
        for gone in [
            (-2_000, 0),
            (5_000, 5_000),
            (100, 900),
            (i32::MIN, i32::MAX),
        ] {
            assert_eq!(at(None, Some(gone)), None, "{gone:?}");
        }
        // One that would leave half of it outside is moved in.
        assert_eq!(at(None, Some((1_200, 700))), Some((880, 240)));
        assert_eq!(at(None, Some((0, 5))), Some((0, 30)));
    }
}
