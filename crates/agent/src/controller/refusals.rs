//! Refusals that something can be done about: a shorter session, a fresh code.

use chrono::TimeDelta;
use daypass_core::{
    problem::{Code, Problem},
    role::Role,
    schedule,
    session::{SessionKey, Way},
};

use super::{Controller, slots::Work};
use crate::ports::{AwsCause, AwsError};

/// A code that is younger satisfies any `aws:MultiFactorAuthAge` that people write.
const FRESH_CODE: TimeDelta = TimeDelta::minutes(5);

impl Controller {
    /// Asks for a shorter session from now on, and writes that down, because AWS tells the role's
    /// maximum to nobody (AWS_RULES 3.2). `refused` is the role as it was asked for. False where
    /// there is nothing shorter.
    pub(super) fn step_down(&mut self, key: &SessionKey, refused: &Role, costs_code: bool) -> bool {
        let Some(mut role) = self.file.config().role(&key.role).cloned() else {
            return false;
        };
        let refused = refused.wanted_duration();
        if role.wanted_duration() < refused {
            // Another session of the role was refused first.
            self.follow_config(&role);
            return true;
        }
        let Some(shorter) = schedule::step_down(refused, costs_code) else {
            return false;
        };
        role.duration = Some(shorter);
        if let Err(problem) = self.file.put_role(&role) {
            self.notice(Some(&role.name), &problem);
            return false;
        }
        let said = Problem::yours(
            Code::AwsRefused,
            format!("The role {} allows no session of {refused}.", role.name),
            format!(
                "Daypass asks for {shorter} from now on, as config.toml says now. If the role allows more, set its duration there."
            ),
        );
        self.follow_config(&role);
        if let Some(slot) = self.roles.get_mut(key) {
            slot.stepped_down = Some(said);
        }
        true
    }

    /// What is there of a role, read-only or not, goes on under the new entry.
    fn follow_config(&mut self, role: &Role) {
        for read_only in [false, true] {
            let key = SessionKey {
                role: role.name.clone(),
                read_only,
            };
            let (Ok(role), Some(slot)) = (self.known_session(&key), self.roles.get_mut(&key))
            else {
                continue;
            };
            // What is being asked for is told apart by the entry that it was asked with.
            if slot.work != Work::Getting {
                slot.role = role;
            }
        }
    }

    /// Says what may help where a policy wants a code that is younger than the MFA session's. Once:
    /// after a fresh code the session is young.
    pub(super) fn offering_fresh_code(&self, role: &Role, error: AwsError) -> AwsError {
        let now = self.now();
        let aged = self.way(role, now) == Way::MfaSession
            && role
                .identity
                .as_ref()
                .and_then(|identity| self.identities.get(identity))
                .and_then(|slot| slot.usable_mfa(now))
                .is_some_and(|session| now - session.started_at > FRESH_CODE);
        let (AwsCause::Denied, true, Some(identity)) = (error.cause, aged, &role.identity) else {
            return error;
        };
        let mut problem = error.problem;
        problem.todo = format!(
            "{} If the role wants a recent code, enter one (`daypass mfa {identity}`) and try again.",
            problem.todo
        );
        problem.fresh_code = Some(identity.clone());
        AwsError { problem, ..error }
    }
}
