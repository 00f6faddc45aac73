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
            // By this computer's clock: that AWS tells another time is no sleep.
            now: self.now() - self.ports.clock.behind(),
            awake,
        };
        let before = self.last_look.replace(look);
        if before.is_some_and(|before| has_slept(before, look)) {
            tracing::info!("the computer has slept");
            if !self.is_locked() {
                self.lock_on(Signal::FallsAsleep);
            }
            self.handle(Input::Signal(Signal::WokeUp));
        }
    }
}
