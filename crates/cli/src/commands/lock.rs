use daypass_core::{
    problem::{Code, Problem},
    protocol::Request,
};

use crate::{agent::Agent, terminal::Terminal};

/// Without an agent one is started, because the last one may have left sessions on disk.
pub(super) fn lock(agent: &Agent) -> Result<(), Problem> {
    agent.ask(Request::Lock).map(|_| ())
}

pub(super) fn unlock(agent: &Agent) -> Result<(), Problem> {
    if Terminal::in_front().is_none() {
        return Err(Problem::yours(
            Code::Usage,
            "Only a person unlocks Daypass, and there is no terminal here.",
            "Run `daypass unlock` in a terminal, or choose Unlock in its window or menu.",
        ));
    }
    agent.ask(Request::Unlock).map(|_| ())
}
