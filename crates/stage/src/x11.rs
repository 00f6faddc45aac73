//! The X server, asked and moved without a program for each look and click: those would be part
//! of what is measured.

use std::{collections::BTreeSet, fmt::Display};

use x11rb::{
    CURRENT_TIME,
    connection::Connection,
    protocol::{
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, ImageFormat,
            MOTION_NOTIFY_EVENT,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use crate::{Desktop, Error, Result, screen::Area};

/// The left button.
const LEFT: u8 = 1;
/// The motion is to a place and not by a distance.
const ABSOLUTE: u8 = 0;
/// Bytes of a pixel, of which one is unused.
const PIXEL: usize = 4;

/// A connection to the desktop's screen.
pub struct X11 {
    connection: RustConnection,
    root: u32,
}

impl X11 {
    /// Connects to the screen of a desktop that has one.
    ///
    /// # Errors
    /// When it has none.
    pub fn connect(desktop: &Desktop) -> Result<Self> {
        let display = desktop
            .home
            .variable("DISPLAY")
            .and_then(|set| set.to_str());
        let (connection, screen) = RustConnection::connect(display).map_err(unanswered)?;
        let screens = &connection.setup().roots;
        let root = screens.get(screen).map(|screen| screen.root);
        let root = root.ok_or_else(|| Error::new("there is no screen"))?;
        Ok(Self { connection, root })
    }

    /// Moves the pointer to the middle of a place.
    ///
    /// # Errors
    /// When the X server doesn't take it.
    pub fn point(&self, area: Area) -> Result<()> {
        let (x, y) = (area.x + area.width / 2, area.y + area.height / 2);
        self.pretend(MOTION_NOTIFY_EVENT, ABSOLUTE, (short(x)?, short(y)?))
    }

    /// Clicks with the left button where the pointer is.
    ///
    /// # Errors
    /// When the X server doesn't take it.
    pub fn click(&self) -> Result<()> {
        self.pretend(BUTTON_PRESS_EVENT, LEFT, (0, 0))?;
        self.pretend(BUTTON_RELEASE_EVENT, LEFT, (0, 0))
    }

    /// The colours that are to be seen in a place.
    ///
    /// # Errors
    /// When it is not on the screen.
    pub fn colours(&self, area: Area) -> Result<BTreeSet<u32>> {
        let image = self
            .connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                self.root,
                short(area.x)?,
                short(area.y)?,
                short(area.width)?,
                short(area.height)?,
                u32::MAX,
            )
            .map_err(unanswered)?
            .reply()
            .map_err(unanswered)?;
        let (pixels, _) = image.data.as_chunks::<PIXEL>();
        let colour = |pixel: &[u8; PIXEL]| u32::from_le_bytes(*pixel) & 0x00ff_ffff;
        Ok(pixels.iter().map(colour).collect())
    }

    /// Has the server act as if a device had said so, and waits until it has.
    fn pretend(&self, event: u8, detail: u8, (x, y): (i16, i16)) -> Result<()> {
        self.connection
            .xtest_fake_input(event, detail, CURRENT_TIME, self.root, x, y, 0)
            .map_err(unanswered)?
            .check()
            .map_err(unanswered)
    }
}

fn short<T: TryFrom<i64>>(pixels: i64) -> Result<T> {
    T::try_from(pixels).map_err(|_| Error::new(format!("{pixels} is not on the screen")))
}

fn unanswered(error: impl Display) -> Error {
    Error::new(format!("the X server did not answer: {error}"))
}
