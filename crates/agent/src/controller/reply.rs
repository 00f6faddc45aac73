//! Where an answer goes, and whose question it was.

use daypass_core::{journal::By, protocol::Response};
use tokio::sync::oneshot;

use super::Caller;
use crate::caller;

/// Where the answer to a request goes. Gone callers are fine: the work goes on for the next one.
pub struct Reply {
    to: oneshot::Sender<Response>,
    by: By,
}

impl Reply {
    /// To somebody on the socket. The popup is the person in front of it.
    pub(super) fn new(to: oneshot::Sender<Response>, caller: Option<&Caller>) -> Self {
        let by = match caller {
            Some(caller) if caller::is_popup(caller) => By::You,
            Some(caller) => By::Program {
                name: caller.name.clone(),
                path: caller.path.clone(),
            },
            None => By::Unnamed,
        };
        Self { to, by }
    }

    /// To a menu, where nobody waits for it; what fails becomes a notice.
    pub(super) fn to_menu() -> Self {
        let (to, _) = oneshot::channel();
        Self { to, by: By::You }
    }

    /// Answers.
    ///
    /// # Errors
    /// Gives the answer back when nobody waits for it any longer.
    pub fn send(self, response: Response) -> Result<(), Response> {
        self.to.send(response)
    }

    /// Whether nobody waits any longer.
    pub fn is_closed(&self) -> bool {
        self.to.is_closed()
    }

    /// Who asked.
    pub(super) fn by(&self) -> By {
        self.by.clone()
    }
}
