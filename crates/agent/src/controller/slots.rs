//! What the controller remembers of each identity and role.

use std::collections::VecDeque;

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    arn::MfaSerial,
    console::SignIn,
    field::SessionName,
    name::Name,
    partition::Partition,
    problem::Problem,
    protocol::{Asking, Publish, Wish},
    role::Role,
    schedule::Told,
    secret::{SessionCredentials, TokenCode},
    session::{Session, SessionKey},
    shell::Shell,
};

use super::{Asker, Deliver, Reply};
use crate::ports::VaultItem;

/// What is known of a stored identity without its key.
pub(super) struct Facts {
    pub(super) access_key_id: String,
    pub(super) mfa_serials: Vec<MfaSerial>,
    pub(super) user_arn: String,
    pub(super) key_created_at: Option<Instant>,
}

impl From<&VaultItem> for Facts {
    fn from(item: &VaultItem) -> Self {
        Self {
            access_key_id: item.key.id.as_str().to_owned(),
            mfa_serials: item.mfa_serials.clone(),
            user_arn: item.user_arn.clone(),
            key_created_at: item.created_at,
        }
    }
}

impl Facts {
    /// The IAM user's name: what admins expect as a session's name in CloudTrail.
    pub(super) fn session_name(&self) -> Option<SessionName> {
        SessionName::parse(self.user_arn.rsplit('/').next()?).ok()
    }
}

/// The partition of a user's ARN; where the user's own calls go.
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
    /// The last codes that AWS took or may have taken, of whatever device.
    pub(super) spent: VecDeque<Spent>,
    /// The device that was used last.
    pub(super) device: Option<MfaSerial>,
    /// What the code is for that is on its way to AWS.
    pub(super) in_flight: Option<Wish>,
    /// Until then programs do not bring the code field up, and nothing is said of the session's
    /// end: a person has said so, or the last code helped nobody.
    pub(super) quiet_until: Option<Instant>,
    /// When a person wants to be told again of the session's end.
    pub(super) remind_at: Option<Instant>,
    pub(super) rotation: KeyRotation,
    /// Whether IAM was asked for the key's age.
    pub(super) asked_age: bool,
}

/// The replacement of an identity's key.
#[derive(Default)]
pub(super) enum KeyRotation {
    #[default]
    Idle,
    /// A code is needed first.
    WaitingForCode(Vec<Asker>),
    Running(Vec<Asker>),
}

/// An MFA session and what its owner was told of its end.
pub(super) struct MfaState {
    pub(super) session: Session,
    pub(super) told: Told,
}

/// A code that must not be sent again.
pub(super) struct Spent {
    pub(super) serial: MfaSerial,
    /// Nothing of a code that was sent before a restart.
    pub(super) code: Option<TokenCode>,
    /// When the device shows the next one.
    pub(super) next_at: Instant,
}

impl Spent {
    /// Whether this is that code. One that is no longer known may be any that the device shows
    /// until it shows the next one.
    pub(super) fn is(&self, code: &TokenCode, now: Instant) -> bool {
        match &self.code {
            Some(spent) => spent.expose() == code.expose(),
            None => now < self.next_at,
        }
    }
}

impl IdentitySlot {
    pub(super) fn has_mfa(&self) -> bool {
        !self.devices().is_empty()
    }

    pub(super) fn devices(&self) -> &[MfaSerial] {
        self.facts
            .as_ref()
            .map_or(&[], |facts| facts.mfa_serials.as_slice())
    }

    /// The devices, the one that was used last before the others.
    pub(super) fn devices_in_order(&self) -> Vec<MfaSerial> {
        let mut devices = self.devices().to_vec();
        devices.sort_by_key(|serial| Some(serial) != self.device.as_ref());
        devices
    }

    pub(super) fn usable_mfa(&self, now: Instant) -> Option<&Session> {
        let session = &self.mfa.as_ref()?.session;
        session.servable(now).then_some(session)
    }
}

/// A role's state.
pub(super) struct RoleSlot {
    /// As configured when the slot was made, or held to reading; a change makes a new slot.
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
    /// Until when AWS wants to be left alone.
    pub(super) aws_rests_until: Option<Instant>,
    /// What was said of the end of a session that only a code renews.
    pub(super) told: Told,
    /// What is to be said of it, once a shorter session than configured has come.
    pub(super) stepped_down: Option<Problem>,
    /// Whether a person has ended the session. The background gets no new one until somebody asks.
    pub(super) ended: bool,
    /// Whether the last session that AWS gave had ended when it came.
    pub(super) came_late: bool,
}

/// A session that is younger than this is as good as a new one.
const JUST_NOW: TimeDelta = TimeDelta::seconds(30);

/// What is being done for a role's next session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Idle,
    /// The vault is read to find out whether a code is needed.
    ReadingKey,
    WaitingForCode,
    /// The role that this one is chained from needs a session first.
    WaitingForSource,
    /// AWS is to be asked, in its turn.
    Queued,
    /// AWS is asked.
    Getting,
}

/// Somebody who waits for a role session.
pub(super) enum Waiter {
    /// A program that wants credentials.
    Program(Asker),
    /// A person who wants the console.
    Console(Box<SignIn>, Deliver),
    /// A person who wants the session on the clipboard.
    Copy(Shell, Reply),
    /// A person who wants the session in AWS's shared credentials file, as that profile.
    WriteProfile(String, Reply),
    /// A person who wants a new session.
    Renew(Asker),
    /// A session for Secrets Manager.
    Publish(Box<Publishing>),
    /// A role that is chained from this one.
    Role(SessionKey),
    /// The background, so that the next program need not wait.
    Renewal,
}

/// A session on its way into a secret.
pub(super) struct Publishing {
    pub(super) publish: Publish,
    /// The session to publish, while that of the role that writes is waited for.
    pub(super) session: Option<SessionCredentials>,
    /// Who waits; nobody for a renewal.
    pub(super) asker: Option<Asker>,
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
            aws_rests_until: None,
            told: Told::Nothing,
            stepped_down: None,
            ended: false,
            came_late: false,
        }
    }

    /// Whether the background may begin to get a session.
    pub(super) fn may_try(&self, now: Instant) -> bool {
        let is_due = match self.next_try {
            Some(at) => now >= at,
            None => self.failures == 0,
        };
        self.work == Work::Idle && is_due
    }

    pub(super) fn servable(&self, now: Instant) -> Option<&Session> {
        self.session
            .as_ref()
            .filter(|session| session.servable(now))
    }

    /// What a program gets without AWS being asked: a session that is fresh, or what is left of one
    /// while AWS is not to be asked again yet.
    pub(super) fn at_hand(&self, waiter: &Waiter, now: Instant) -> Option<&Session> {
        let rests = self.next_try.is_some_and(|at| now < at);
        self.servable(now).filter(|session| {
            waiter.content_with(session, now) || (rests && matches!(waiter, Waiter::Program(_)))
        })
    }
}

impl Waiter {
    /// Whether a session will do without asking AWS for a newer one. What is handed over to
    /// another place should last there about as long as it could.
    pub(super) fn content_with(&self, session: &Session, now: Instant) -> bool {
        match self {
            Self::Program(_) | Self::Role(_) => session.fresh(now),
            Self::Console(..) | Self::Copy(..) | Self::WriteProfile(..) => {
                session.fresh_for_console(now)
            }
            Self::Publish(publishing) if publishing.session.is_some() => session.fresh(now),
            Self::Publish(_) => session.fresh_for_console(now),
            // The code for it made this very session.
            Self::Renew(_) => now - session.started_at < JUST_NOW,
            Self::Renewal => false,
        }
    }

    /// Whether whoever waited is gone. Clicks are not: nobody waits for their answer, yet they
    /// are wanted.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Self::Program(asker) | Self::Console(_, Deliver::Link(asker)) => {
                asker.reply.is_closed()
            }
            _ => false,
        }
    }

    /// Whether this is a person's wish, for which the code field comes to the front.
    pub(super) const fn is_click(&self) -> bool {
        match self {
            Self::Console(..) | Self::Copy(..) | Self::WriteProfile(..) | Self::Renew(_) => true,
            Self::Publish(publishing) => publishing.asker.is_some(),
            Self::Program(_) | Self::Role(_) | Self::Renewal => false,
        }
    }

    /// Who can ask for a code besides the popup.
    pub(super) const fn asking(&self) -> Asking {
        match self {
            Self::Program(asker) | Self::Renew(asker) | Self::Console(_, Deliver::Link(asker)) => {
                asker.asking
            }
            Self::Publish(publishing) => match &publishing.asker {
                Some(asker) => asker.asking,
                None => Asking::Waiting,
            },
            Self::Role(_) | Self::Renewal => Asking::Waiting,
            Self::Console(..) | Self::Copy(..) | Self::WriteProfile(..) => Asking::Popup,
        }
    }

    /// Whether this is the same click once more.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Console(plan, Deliver::Browser(_)),
                Self::Console(same, Deliver::Browser(_)),
            ) => plan == same,
            (Self::Role(key), Self::Role(same)) => key == same,
            // The newer session takes the older one's place.
            (Self::Publish(one), Self::Publish(same)) => {
                one.asker.is_none() && same.asker.is_none() && one.publish == same.publish
            }
            _ => false,
        }
    }

    /// The role that waits here to be chained.
    pub(super) fn chained(&self) -> Option<SessionKey> {
        match self {
            Self::Role(key) => Some(key.clone()),
            _ => None,
        }
    }

    /// Where this waiter's answer goes, if anybody reads it.
    pub(super) fn into_reply(self) -> Option<Reply> {
        match self {
            Self::Program(asker) | Self::Renew(asker) | Self::Console(_, Deliver::Link(asker)) => {
                Some(asker.reply)
            }
            Self::Console(_, Deliver::Browser(reply) | Deliver::Clipboard(reply))
            | Self::Copy(_, reply)
            | Self::WriteProfile(_, reply) => Some(reply),
            Self::Publish(publishing) => publishing.asker.map(|asker| asker.reply),
            Self::Role(_) | Self::Renewal => None,
        }
    }
}

/// A code that is wanted.
pub(super) struct Prompt {
    pub(super) identity: Name,
    pub(super) wish: Wish,
    pub(super) rejected: Option<Problem>,
}
