//! Listening on D-Bus, in threads of their own: none of it may hold up the loop or a task.

use std::{thread, time::Duration};

use zbus::{
    MatchRule, Message,
    blocking::{Connection, MessageIterator, connection::Builder, fdo::DBusProxy},
    message::Type,
    names::BusName,
};

/// A message bus.
#[derive(Debug, Clone)]
pub enum Bus {
    /// The computer's.
    System,
    /// The desktop's.
    Session,
    /// One at an address of its own.
    At(String),
}

/// No call waits longer for a program that does not answer.
const LONGEST_CALL: Duration = Duration::from_secs(5);
/// Between two tries to reach a bus.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(32);
/// Signals that may wait while one is seen to. A full queue would also hold up answers.
const QUEUE: usize = 1_024;

impl Bus {
    /// Connects.
    ///
    /// # Errors
    /// When there is no such bus.
    pub fn connect(&self) -> zbus::Result<Connection> {
        let builder = match self {
            Self::System => Builder::system(),
            Self::Session => Builder::session(),
            Self::At(address) => Builder::address(address.as_str()),
        }?;
        builder
            .method_timeout(LONGEST_CALL)
            .max_queued(QUEUE)
            .build()
    }
}

/// What a listener hears.
pub enum Heard<'m> {
    /// The bus is there. Signals are not missed from now on.
    Connected(&'m Connection),
    /// A signal that one of the rules matches.
    Signal(&'m Connection, &'m Message),
    /// The bus has gone; it is looked for again.
    Lost,
}

/// Listens for as long as the program runs, to signals that match one of the rules. A bus that is
/// not there, or goes, is looked for again at a bounded pace.
pub fn listen(
    name: &str,
    bus: Bus,
    rules: Vec<String>,
    mut heard: impl FnMut(Heard<'_>) + Send + 'static,
) {
    let listening = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let mut pause = SHORTEST_PAUSE;
        loop {
            match attend(&bus, &rules, &mut heard) {
                Ok(()) => {
                    heard(Heard::Lost);
                    pause = SHORTEST_PAUSE;
                }
                Err(error) => tracing::debug!(?bus, %error, "no bus"),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    });
    if let Err(error) = listening {
        tracing::warn!(%error, name, "no thread to listen on a bus");
    }
}

/// Listens until the bus goes. An error is a bus that was not there.
fn attend(bus: &Bus, rules: &[String], heard: &mut impl FnMut(Heard<'_>)) -> zbus::Result<()> {
    let connection = bus.connect()?;
    let messages = MessageIterator::from(&connection);
    let proxy = DBusProxy::new(&connection)?;
    for rule in rules {
        proxy.add_match_rule(MatchRule::try_from(rule.as_str())?)?;
    }
    heard(Heard::Connected(&connection));
    for message in messages {
        let Ok(message) = message else {
            break;
        };
        if message.message_type() == Type::Signal {
            heard(Heard::Signal(&connection, &message));
        }
    }
    Ok(())
}

/// Tells who owns each of the names: once at the start and after every change, as the bus names
/// its connections.
pub fn watch_owners(
    name: &str,
    bus: Bus,
    names: &'static [&'static str],
    mut told: impl FnMut(&'static str, Option<String>) + Send + 'static,
) {
    let rules = names.iter().map(|name| owner_changes(name)).collect();
    listen(name, bus, rules, move |heard| match heard {
        Heard::Connected(connection) => {
            for name in names {
                told(name, owner(connection, name));
            }
        }
        Heard::Signal(_, message) => {
            let Some((changed, owner)) = owner_change(message) else {
                return;
            };
            if let Some(name) = names.iter().find(|name| **name == changed) {
                told(name, owner);
            }
        }
        Heard::Lost => {
            for name in names {
                told(name, None);
            }
        }
    });
}

/// The rule for changes of a name's owner.
pub(crate) fn owner_changes(name: &str) -> String {
    format!(
        "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{name}'"
    )
}

/// Whose name changed hands, and who has it now.
pub(crate) fn owner_change(message: &Message) -> Option<(String, Option<String>)> {
    let header = message.header();
    // The bus itself sets who sent a message.
    if header.sender()? != "org.freedesktop.DBus" || header.member()? != "NameOwnerChanged" {
        return None;
    }
    let (name, _, new): (String, String, String) = message.body().deserialize().ok()?;
    Some((name, Some(new).filter(|new| !new.is_empty())))
}

/// Who owns a name, if anybody does.
pub(crate) fn owner(connection: &Connection, name: &str) -> Option<String> {
    let name = BusName::try_from(name).ok()?;
    let owner = DBusProxy::new(connection).ok()?.get_name_owner(name).ok()?;
    Some(owner.to_string())
}
