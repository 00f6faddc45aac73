//! What the controller remembers of each identity and role.

use daypass_core::{
    Instant, arn::MfaSerial, config::Role, console::SignIn, field::SessionName, name::Name,
    partition::Partition, problem::Problem, protocol::Wish, schedule::Told, secret::TokenCode,
    session::Session,
};

use super::{Deliver, Reply};
use crate::ports::VaultItem;

/// What is known of a stored identity without its key.
pub(super) struct Facts {
    pub(super) access_key_id: String,
    pub(super) mfa_serials: Vec<MfaSerial>,
    pub(super) user_arn: String,
}

impl From<&VaultItem> for Facts {
    fn from(item: &VaultItem) -> Self {
        Self {
            access_key_id: item.key.id.as_str().to_owned(),
            mfa_serials: item.mfa_serials.clone(),
            user_arn: item.user_arn.clone(),
        }
    }
}

impl Facts {
    /// The IAM user's name: what admins expect as a session's name in CloudTrail.
    pub(super) fn session_name(&self) -> Option<SessionName> {
        SessionName::parse(self.user_arn.rsplit('/').next()?).ok()
    }
}

/// The partition of a user's ARN; where the user's own STS calls go.
pub(super) fn partition_of(user_arn: &str) -> Partition {
    let id = user_arn.split(':').nth(1).unwrap_or_default();
    Partition::from_id(id).unwrap_or(Partition::Aws)
}

/// An identity's state.
#[derive(Default)]
pub(super) struct IdentitySlot {
    pub(super) facts: Option<Facts>,
    /// Whether the vault is being read for [`Self::facts`].
    pub(super) reading: bool,
    pub(super) mfa: Option<MfaState>,
    /// The last code that AWS took or may have taken.
    pub(super) spent: Option<Spent>,
    /// What the code is for that is on its way to AWS.
    pub(super) in_flight: Option<Wish>,
    /// When a person last closed the code field without a code.
    pub(super) dismissed_at: Option<Instant>,
}

/// An MFA session and what its owner was told of its end.
pub(super) struct MfaState {
    pub(super) session: Session,
    pub(super) told: Told,
}

/// A code that must not be sent again.
pub(super) struct Spent {
    pub(super) code: TokenCode,
    /// When the device shows the next one.
    pub(super) next_at: Instant,
}

impl IdentitySlot {
    pub(super) fn has_mfa(&self) -> bool {
        self.facts
            .as_ref()
            .is_some_and(|facts| !facts.mfa_serials.is_empty())
    }

    /// What a person calls the device that is asked for.
    pub(super) fn device(&self) -> Option<&str> {
        Some(self.facts.as_ref()?.mfa_serials.first()?.short())
    }

    pub(super) fn usable_mfa(&self, now: Instant) -> Option<&Session> {
        let session = &self.mfa.as_ref()?.session;
        session.servable(now).then_some(session)
    }
}

/// A role's state.
pub(super) struct RoleSlot {
    /// As configured when the slot was made; a change makes a new slot.
    pub(super) role: Role,
    pub(super) session: Option<Session>,
    pub(super) work: Work,
    pub(super) waiters: Vec<Waiter>,
    /// Sign-ins on their way for this role.
    pub(super) signing_in: usize,
    pub(super) last_asked: Option<Instant>,
    pub(super) failures: u32,
    /// When the background may try again; nothing after a refusal that no second try mends.
    pub(super) next_try: Option<Instant>,
}

/// What is being done for a role's next session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Idle,
    /// The vault is read to find out whether a code is needed.
    ReadingKey,
    WaitingForCode,
    /// AWS is asked.
    Getting,
}

/// Somebody who waits for a role session.
pub(super) enum Waiter {
    /// A program that wants credentials.
    Program(Reply),
    /// A person who wants the console.
    Console(Box<SignIn>, Deliver),
    /// The background, so that the next program need not wait.
    Renewal,
}

impl RoleSlot {
    pub(super) fn new(role: Role) -> Self {
        Self {
            role,
            session: None,
            work: Work::Idle,
            waiters: Vec::new(),
            signing_in: 0,
            last_asked: None,
            failures: 0,
            next_try: None,
        }
    }

    pub(super) fn servable(&self, now: Instant) -> Option<&Session> {
        self.session
            .as_ref()
            .filter(|session| session.servable(now))
    }
}

impl Waiter {
    /// Whether a session will do without asking AWS for a newer one.
    pub(super) fn content_with(&self, session: &Session, now: Instant) -> bool {
        match self {
            Self::Program(_) => session.fresh(now),
            Self::Console(..) => session.fresh_for_console(now),
            Self::Renewal => false,
        }
    }

    /// Whether whoever waited is gone. Clicks are not: nobody waits for their answer, yet they
    /// are wanted.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Self::Program(reply) | Self::Console(_, Deliver::Link(reply)) => reply.is_closed(),
            Self::Console(_, Deliver::Browser(_)) | Self::Renewal => false,
        }
    }

    /// Whether this is the same click once more.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Console(plan, Deliver::Browser(_)),
                Self::Console(same, Deliver::Browser(_)),
            ) => plan == same,
            _ => false,
        }
    }

    /// Where this waiter's answer goes, if anybody reads it.
    pub(super) fn into_reply(self) -> Option<Reply> {
        match self {
            Self::Program(reply)
            | Self::Console(_, Deliver::Browser(reply) | Deliver::Link(reply)) => Some(reply),
            Self::Renewal => None,
        }
    }
}

/// A code that is wanted.
pub(super) struct Prompt {
    pub(super) identity: Name,
    pub(super) wish: Wish,
    pub(super) rejected: Option<Problem>,
}
