//! The MFA devices of an identity: a new phone has a new serial, and the key stays.

use daypass_core::{
    arn::MfaSerial,
    journal::Event,
    name::Name,
    problem::{Code, Problem},
    session::SessionKey,
};

use super::{
    Controller, Facts, Outcome, Reply,
    identities::{MAX_DEVICES, check_user, parsed_serials},
    refuse,
    sessions::no_key,
    slots::{KeyRotation, RoleSlot, Work},
};
use crate::{
    ports::{VaultError, VaultItem},
    vault::Patience,
};

impl Controller {
    pub(super) fn set_devices(&mut self, name: &Name, serials: &[String], reply: Reply) {
        let (identity, serials) = match self.checked_devices(name, serials) {
            Ok(checked) => checked,
            Err(problem) => return refuse(reply, problem),
        };
        let vault = self.ports.vault.clone();
        self.spawn(async move {
            let result = vault
                .change(identity.clone(), Patience::Prompt, move |item| {
                    item.mfa_serials = serials;
                    true
                })
                .await;
            Outcome::DevicesSet {
                identity,
                result,
                reply,
            }
        });
    }

    fn checked_devices(
        &self,
        name: &Name,
        serials: &[String],
    ) -> Result<(Name, Vec<MfaSerial>), Problem> {
        let identity = self.file.config().identity_or_nearest(name)?;
        if identity.ambient {
            return Err(Problem::usage(format!(
                "The identity {name} uses credentials of this machine; Daypass asks for no code of it."
            )));
        }
        let serials = parsed_serials(serials)?;
        if serials.len() > MAX_DEVICES {
            return Err(Problem::usage(format!(
                "AWS allows a user at most {MAX_DEVICES} MFA devices."
            )));
        }
        let mut places = serials.iter().enumerate();
        let twice =
            places.find(|(place, one)| serials.iter().take(*place).any(|other| other == *one));
        if let Some((_, twice)) = twice {
            return Err(Problem::usage(format!(
                "The MFA device {} is named twice.",
                twice.as_str()
            )));
        }
        let slot = self.identities.get(name);
        if slot.is_some_and(|slot| matches!(slot.rotation, KeyRotation::Running(_))) {
            return Err(Problem::passing(
                Code::Failed,
                format!("The key of {name} is being replaced right now."),
                "Try again in a minute.",
            ));
        }
        // Nobody is to replace devices that they could not see.
        let facts = slot.and_then(|slot| slot.facts.as_ref());
        let facts = facts.ok_or_else(|| self.why_unread(name))?;
        check_user(&facts.user_arn, &serials)?;
        Ok((identity.name.clone(), serials))
    }

    pub(super) fn devices_set(
        &mut self,
        identity: &Name,
        result: Result<Option<VaultItem>, VaultError>,
        reply: Reply,
    ) {
        self.vault_answered(result.as_ref().err());
        let written = match result {
            Ok(Some(item)) => {
                self.knows_devices(identity, &item);
                self.record(Event::IdentityChanged {
                    identity: identity.clone(),
                    devices: serials_of(&item),
                    by: reply.by(),
                });
                Ok(())
            }
            Ok(None) => Err(no_key(identity)),
            Err(error) => Err(error.into()),
        };
        self.answer_done(written, reply);
    }

    fn knows_devices(&mut self, identity: &Name, item: &VaultItem) {
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        slot.facts = Some(Facts::from(item));
        slot.device = slot
            .device
            .take()
            .filter(|device| item.mfa_serials.contains(device));
        if !slot.has_mfa() {
            self.go_on_without_codes(identity);
        }
    }

    /// Nobody can enter the codes any more that were asked for, and nobody has to.
    fn go_on_without_codes(&mut self, identity: &Name) {
        self.prompts.retain(|prompt| prompt.identity != *identity);
        let waits = |slot: &RoleSlot| {
            slot.work == Work::WaitingForCode && slot.role.identity.as_ref() == Some(identity)
        };
        let waiting: Vec<SessionKey> = self
            .roles
            .iter_mut()
            .filter(|(_, slot)| waits(slot))
            .map(|(key, slot)| {
                slot.work = Work::Idle;
                key.clone()
            })
            .collect();
        for key in waiting {
            self.advance(&key);
        }
        self.start_waiting_rotation(identity);
    }
}

fn serials_of(item: &VaultItem) -> Vec<String> {
    let serials = item.mfa_serials.iter();
    serials.map(|serial| serial.as_str().to_owned()).collect()
}
