//! What the system tells, on a private bus that is both system and session bus.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bus;
mod logind;
mod screen;

use daypass_agent::{
    bus::Bus,
    controller::{Input, Signal},
    signals,
};
use daypass_core::protocol::{Request, Response};
use daypass_stage::{Desktop, Parts, Screen, wait};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use zbus::{blocking::Connection, zvariant::DynamicType};

/// A bus and nothing on it.
pub(crate) fn bare_bus() -> Desktop {
    Desktop::start(Parts {
        screen: Screen::None,
        panel: false,
        keychain: false,
        notifications: false,
    })
    .unwrap()
}

/// A program on the bus.
pub(crate) fn connect(address: &str) -> Connection {
    Bus::At(address.to_owned()).connect().unwrap()
}

pub(crate) fn emit(
    from: &Connection,
    path: &str,
    interface: &str,
    member: &str,
    body: &(impl Serialize + DynamicType),
) {
    from.emit_signal(None::<&str>, path, interface, member, body)
        .unwrap();
}

/// The end of the channel that the loop would listen at.
pub(crate) struct Ears(mpsc::UnboundedReceiver<Input>);

impl Ears {
    pub(crate) fn open(address: &str) -> Self {
        let (inputs, heard) = mpsc::unbounded_channel();
        let bus = || Bus::At(address.to_owned());
        signals::listen(bus(), bus(), inputs);
        Self(heard)
    }

    /// The next signal.
    pub(crate) fn signal(&mut self) -> Signal {
        wait::until("a signal", || self.heard()).unwrap()
    }

    /// A signal that has come, if one has.
    pub(crate) fn heard(&mut self) -> Option<Signal> {
        match self.0.try_recv().ok()? {
            Input::Signal(signal) => Some(signal),
            _ => panic!("something else than a signal"),
        }
    }

    /// The question whether the loop has seen everything.
    pub(crate) fn question(&mut self) -> oneshot::Sender<Response> {
        let input = wait::until("the question", || self.0.try_recv().ok()).unwrap();
        let Input::Request(Request::Status, None, reply) = input else {
            panic!("something else than the question");
        };
        reply
    }

    /// Lets things happen until one is heard: nobody can see from outside when listening begins.
    pub(crate) fn until_heard(&mut self, mut happen: impl FnMut()) -> Signal {
        wait::until("a signal", || {
            happen();
            self.heard()
        })
        .unwrap()
    }
}
