//! The popup's window as a person sees it, from click to Escape.

use daypass_stage::{
    Error, ProcessTree, Result, desktop::BACKGROUND, screen::Area, wait, x11::X11,
};

use super::world::World;
use crate::bench::stopwatch::time_until;

const TITLE: &str = "Daypass";
/// How high the strip is that is looked at: more than a row of the list.
const STRIP: i64 = 96;
/// Between the strip and the window's edges.
const MARGIN: i64 = 8;
/// A bare window has one colour, and one with an edge two.
const COLOURS: usize = 3;
/// For how many looks a picture has to stay to be the last one.
const STILL: usize = 20;

pub(super) struct Window<'a> {
    world: &'a World,
    x11: X11,
    strip: Area,
}

impl<'a> Window<'a> {
    /// Opens it with a click on the icon, and remembers where it came.
    pub(super) fn open(world: &'a World) -> Result<Self> {
        let x11 = X11::connect(&world.desktop)?;
        x11.point(world.desktop.tray_icon()?)?;
        x11.click()?;
        let place = world.desktop.window(TITLE)?;
        let strip = Area {
            x: place.x + MARGIN,
            y: place.y + (place.height - STRIP) / 2,
            width: place.width - 2 * MARGIN,
            height: STRIP,
        };
        let window = Self { world, x11, strip };
        window.settle()?;
        Ok(window)
    }

    /// Clicks on the icon again; microseconds to first paint.
    pub(super) fn time_click(&self) -> Result<u128> {
        self.expect_gone()?;
        let micros = time_until("the popup", || self.x11.click(), || self.is_painted())?;
        self.settle()?;
        Ok(micros)
    }

    pub(super) fn hide(&self) -> Result<()> {
        self.world.desktop.key("Escape")?;
        self.world.desktop.no_window(TITLE)?;
        self.expect_gone()
    }

    /// Ends its process, and waits for those that it started.
    pub(super) fn end_process(&self) -> Result<()> {
        let tray = self.world.agent();
        let popup = ProcessTree::of(tray)?.ids().get(1).copied();
        let popup = popup.ok_or_else(|| Error::new("the popup has no process"))?;
        ProcessTree::of(popup)?.end()?;
        self.expect_gone()
    }

    fn is_painted(&self) -> Result<bool> {
        let colours = self.x11.colours(self.strip)?;
        Ok(colours.len() >= COLOURS && !colours.contains(&BACKGROUND))
    }

    fn expect_gone(&self) -> Result<()> {
        wait::until("the bare desktop", || {
            let colours = self.x11.colours(self.strip).ok()?;
            colours.iter().eq([&BACKGROUND]).then_some(())
        })
    }

    /// Waits until it is painted and no longer changes.
    fn settle(&self) -> Result<()> {
        let (mut last, mut same) = (None, 0);
        wait::until("a picture that stays", || {
            let now = self.x11.colours(self.strip).ok()?;
            let stays = last.as_ref() == Some(&now) && self.is_painted().ok()?;
            same = if stays { same + 1 } else { 0 };
            last = Some(now);
            (same >= STILL).then_some(())
        })
    }
}
