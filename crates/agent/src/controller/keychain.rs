//! The state of the keychain: what people see of it, and the ways out when it hangs (R9, R10).

use daypass_core::{name::Name, session::SessionKey, view::VaultView};

use super::{Controller, Input, Outcome, codes::LEFT_ALONE};
use crate::{
    ports::{AwsCause, AwsError, VAULT_MISSING_TODO, VaultError},
    vault::Patience,
};

impl Controller {
    /// Lets people know while the keychain waits for its password, and not only when somebody has
    /// given up waiting for it; looks again when it has moved on. Ends with the loop.
    pub(super) fn watch_vault(&self) {
        let (vault, inputs) = (self.ports.vault.clone(), self.inputs.clone());
        let mut held_up = vault.held_up();
        self.ports.runtime.spawn(Box::pin(async move {
            loop {
                tokio::select! {
                    biased;
                    Ok(()) = held_up.changed() => {}
                    () = inputs.closed() => return,
                }
                let waits = *held_up.borrow_and_update();
                let result = match waits {
                    true => Err(VaultError::Locked),
                    false => vault.probe().await,
                };
                // The loop may have ended meanwhile.
                let _ = inputs.send(Input::Outcome(Outcome::VaultProbed(result)));
            }
        }));
    }

    /// Finds out how the vault is, without a prompt.
    pub(super) fn probe_vault(&self) {
        let vault = self.ports.vault.clone();
        self.spawn(async move { Outcome::VaultProbed(vault.probe().await) });
    }

    /// The keychain's program was started or ended: a call that hangs would hang for ever.
    pub(super) fn keychain_changed(&self) {
        self.ports.vault.take_over();
        self.probe_vault();
    }

    pub(super) fn vault_probed(&mut self, result: Result<(), VaultError>) {
        self.vault_answered(result.as_ref().err());
        if result.is_err() {
            return;
        }
        for identity in self.stored() {
            let slot = self.identities.get(&identity);
            if slot.is_none_or(|slot| slot.facts.is_none()) {
                self.read_facts(&identity, Patience::Short);
            }
        }
    }

    /// A call failed that may have raised the keychain's prompt: who did not answer that is not
    /// shown it again by programs for a while.
    pub(super) fn vault_failed(&mut self, error: &VaultError) {
        if *error == VaultError::Locked {
            self.keychain_rests_until = Some(self.now() + LEFT_ALONE);
        }
        self.vault_answered(Some(error));
    }

    /// Whether only a person may let the keychain ask for its password.
    pub(super) fn keychain_left_alone(&self) -> bool {
        let now = self.now();
        self.keychain_rests_until.is_some_and(|until| now < until)
    }

    /// Tells those who wait for a role, where none is a person, that the keychain is locked; true
    /// when it is left alone.
    pub(super) fn spares_keychain(&mut self, key: &SessionKey) -> bool {
        if !self.keychain_left_alone() || self.any_click(key) {
            return false;
        }
        let locked = AwsError::new(AwsCause::Refused, VaultError::Locked.into());
        self.fail_role(key, &locked);
        true
    }

    pub(super) fn vault_answered(&mut self, error: Option<&VaultError>) {
        if error.is_none() {
            self.keychain_rests_until = None;
        }
        let vault = match error {
            Some(VaultError::Locked) => VaultView::Locked,
            Some(VaultError::Missing) => VaultView::Missing {
                todo: VAULT_MISSING_TODO.to_owned(),
            },
            // It answered, if not as it should; the failed request says so.
            Some(VaultError::Failed(_)) | None => VaultView::Ready,
        };
        let answers = vault == VaultView::Ready;
        let before = std::mem::replace(&mut self.vault, vault);
        if answers && before != VaultView::Ready {
            self.renew_again();
        }
        self.file_may_open(answers);
    }

    /// What failed for want of a key is renewed by itself again.
    fn renew_again(&mut self) {
        for slot in self.roles.values_mut() {
            if slot.next_try.is_none() {
                slot.failures = 0;
            }
        }
    }

    /// Asks the vault again with the patience that its own prompt needs.
    pub(super) fn unlock_vault(&mut self) {
        self.keychain_rests_until = None;
        self.ports.vault.take_over();
        let stored = self.stored();
        if stored.is_empty() {
            self.probe_vault();
        }
        for identity in stored {
            self.read_facts(&identity, Patience::Prompt);
        }
    }

    /// The identities whose keys are in the vault.
    fn stored(&self) -> Vec<Name> {
        let identities = &self.file.config().identities;
        let stored = identities.iter().filter(|identity| !identity.ambient);
        stored.map(|identity| identity.name.clone()).collect()
    }
}
