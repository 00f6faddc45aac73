//! Clocks that pass in a moment.

use std::cell::Cell;

use crate::{Desktop, Result, aws::Aws};

/// The two clocks that a person would see go together: that of our programs and AWS's.
#[derive(Default)]
pub struct Clocks {
    passed: Cell<i64>,
}

impl Clocks {
    /// Lets seconds pass on a desktop with a movable clock. Whoever sleeps sees it when woken.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn pass(&self, seconds: i64, desktop: &Desktop, aws: &Aws) -> Result<()> {
        self.passed.set(self.passed.get() + seconds);
        aws.advance(seconds)?;
        desktop.move_clock(self.passed.get())
    }

    /// How many seconds have passed so.
    pub const fn passed(&self) -> i64 {
        self.passed.get()
    }
}
