//! Finds out that the computer has slept, where no logind says so (R1).

use daypass_core::wake::{Look, has_slept};

use super::{Controller, Input, Signal};

impl Controller {
    /// Compares the clocks with the last time somebody looked.
    pub(super) fn look_for_sleep(&mut self) {
        let Some(awake) = self.ports.clock.awake() else {
            return;
        };
        let look = Look {
            now: self.now(),
            awake,
        };
        let before = self.last_look.replace(look);
        if before.is_some_and(|before| has_slept(before, look)) {
            tracing::info!("the computer has slept");
            self.handle(Input::Signal(Signal::WokeUp));
        }
    }
}
