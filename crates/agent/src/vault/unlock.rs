//! Unlocks what the keychain's store is going to ask for. The store itself would wait for the end
//! of a prompt even when the keychain that showed it has died: for ever (R10).

use std::collections::HashMap;

use secret_service::Error;
use zbus::{
    MatchRule, Message,
    blocking::{Connection, MessageIterator, fdo::DBusProxy},
    message::Type,
    zvariant::{DynamicType, OwnedObjectPath, OwnedValue},
};

/// The service's name on the bus.
pub(super) const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const BUS: &str = "org.freedesktop.DBus";
/// Stands where there is no object.
const NONE: &str = "/";

/// Unlocks the items of these attributes, and the place for new ones if there is to be one. Shows
/// the keychain's prompt where it needs a password.
pub(super) fn unlock(attributes: &HashMap<&str, &str>, for_new: bool) -> Result<(), Error> {
    let connection = Connection::session()?;
    let found = ask(&connection, "SearchItems", &(attributes,))?;
    let (_, mut locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
        found.body().deserialize()?;
    if for_new {
        let default = ask(&connection, "ReadAlias", &("default",))?;
        let default: OwnedObjectPath = default.body().deserialize()?;
        locked.extend(Some(default).filter(|path| path.as_str() != NONE));
    }
    if locked.is_empty() {
        return Ok(());
    }
    let answer = ask(&connection, "Unlock", &(locked,))?;
    let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = answer.body().deserialize()?;
    match prompt.as_str() {
        NONE => Ok(()),
        _ => show(&connection, &prompt),
    }
}

fn ask<B>(connection: &Connection, method: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + DynamicType,
{
    connection.call_method(Some(NAME), PATH, Some(SERVICE), method, body)
}

/// Shows a prompt, and waits until it is answered or its keychain has gone.
fn show(connection: &Connection, prompt: &OwnedObjectPath) -> Result<(), Error> {
    let bus = DBusProxy::new(connection)?;
    let signals = MessageIterator::from(connection);
    let signal = || MatchRule::builder().msg_type(Type::Signal);
    let completed = signal().interface(PROMPT)?.path(prompt)?.build();
    let gone = signal().interface(BUS)?.member("NameOwnerChanged")?;
    bus.add_match_rule(completed)?;
    bus.add_match_rule(gone.arg(0, NAME)?.build())?;
    connection.call_method(Some(NAME), prompt, Some(PROMPT), "Prompt", &("",))?;
    for message in signals {
        let message = message?;
        let header = message.header();
        match header.member().map(|member| member.as_str()) {
            Some("Completed") if header.path() == Some(&**prompt) => {
                let (dismissed, _): (bool, OwnedValue) = message.body().deserialize()?;
                return if dismissed {
                    Err(Error::Prompt)
                } else {
                    Ok(())
                };
            }
            Some("NameOwnerChanged") if is_about_it(&message) => break,
            _ => {}
        }
    }
    Err(Error::PromptDisconnected)
}

fn is_about_it(message: &Message) -> bool {
    let body = message.body();
    let changed = body.deserialize::<(&str, &str, &str)>();
    changed.is_ok_and(|(name, _, _)| name == NAME)
}
