//! Waiting for a condition instead of for a time.

use std::{thread, time::Duration};

use crate::{Error, Result};

const STEP: Duration = Duration::from_millis(25);

/// Asks until there is an answer. The limit is no measurement: it only ends a run that hangs.
///
/// # Errors
/// When there is none within half a minute.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> Result<T> {
    for _ in 0..1_200 {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        thread::sleep(STEP);
    }
    Err(Error::new(format!("waited in vain for {what}")))
}
