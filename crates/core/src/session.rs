//! Sessions in memory: what may still be handed out, and from what it was made.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Instant,
    name::Name,
    role::{Role, SessionKind},
    secret::SessionCredentials,
};

/// Which session: a role's own, or the one that may only read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionKey {
    /// The role.
    pub role: Name,
    /// Whether it is held to reading.
    #[serde(default)]
    pub read_only: bool,
}

impl SessionKey {
    /// The role's own session.
    pub const fn of(role: Name) -> Self {
        Self {
            role,
            read_only: false,
        }
    }
}

/// What a session was made from. AWS treats the two differently (AWS_RULES 3.2, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A user's own key, with or without a code.
    LongTermKey,
    /// Other temporary credentials: role chaining, capped at an hour, no `SessionDuration`.
    Temporary,
}

/// Temporary credentials and what Daypass has to know about them.
#[derive(Clone)]
pub struct Session {
    /// What AWS gave.
    pub credentials: SessionCredentials,
    /// When it was given, by our clock.
    pub started_at: Instant,
    /// What it was made from.
    pub origin: Origin,
}

/// SDKs refresh at 15 minutes (botocore's advisory window): with less left they would ask again
/// before every request.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// Nothing is handed out that could end on its way to AWS (P1).
const SERVABLE: TimeDelta = TimeDelta::seconds(60);

impl Session {
    /// The time left; negative once ended.
    pub fn left(&self, now: Instant) -> TimeDelta {
        self.credentials.expires_at - now
    }

    /// The whole length of the session.
    pub fn length(&self) -> TimeDelta {
        self.credentials.expires_at - self.started_at
    }

    /// Whether it may be handed out at all.
    pub fn servable(&self, now: Instant) -> bool {
        self.left(now) > SERVABLE
    }

    /// Whether it may be handed out without trying to renew it. A session too short for the SDKs'
    /// window counts as fresh for its first two thirds.
    pub fn fresh(&self, now: Instant) -> bool {
        self.left(now) > FRESH.min(self.length() / 3)
    }

    /// Whether a console session made from it now lives about as long as it could. A chained
    /// session's console ends with the credentials, so those must be new (AWS_RULES 3.5).
    pub fn fresh_for_console(&self, now: Instant) -> bool {
        match self.origin {
            Origin::LongTermKey => self.servable(now),
            Origin::Temporary => self.left(now) > self.length() * 9 / 10,
        }
    }
}

/// What the next session of a role is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The session of another role.
    SourceRole,
    /// The long-lived key, which GetFederationToken takes no code with.
    Federation,
    /// The long-lived key alone: the user has no MFA device.
    Key,
    /// The long-lived key and a code.
    KeyAndCode,
    /// The MFA session that is there.
    MfaSession,
    /// An MFA session that a code has to make first.
    NewMfaSession,
    /// Credentials that the SDK's default chain yields.
    Ambient,
}

/// What is known of the identity that a way starts at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Start {
    /// Whether nothing is stored of it.
    pub ambient: bool,
    /// Whether it has an MFA device.
    pub has_mfa: bool,
    /// Whether its MFA session may still be used.
    pub mfa_usable: bool,
}

impl Way {
    /// The way to a role that starts at an identity, from what is known of that.
    pub fn choose(role: &Role, start: Start) -> Self {
        if role.source.is_some() {
            return Self::SourceRole;
        }
        if start.ambient {
            return Self::Ambient;
        }
        if role.arn.is_federated_user() {
            return Self::Federation;
        }
        if !start.has_mfa {
            return Self::Key;
        }
        match role.session {
            SessionKind::Long => Self::KeyAndCode,
            SessionKind::Daily if start.mfa_usable => Self::MfaSession,
            SessionKind::Daily => Self::NewMfaSession,
        }
    }

    /// Whether a person has to type a code.
    pub const fn needs_code(self) -> bool {
        matches!(self, Self::KeyAndCode | Self::NewMfaSession)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::secret::Secret;

    pub(crate) fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    pub(crate) fn session(from: i64, to: i64, origin: Origin) -> Session {
        let credentials = SessionCredentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: Secret::new("token".to_owned()),
            expires_at: at(to),
        };
        Session {
            credentials,
            started_at: at(from),
            origin,
        }
    }

    #[test]
    fn p1_nothing_is_served_in_its_last_minute() {
        let session = session(0, 3_600, Origin::Temporary);
        assert!(session.servable(at(3_539)));
        assert!(!session.servable(at(3_540)));
        assert!(!session.servable(at(9_999)));
    }

    #[test]
    fn sdks_get_more_than_their_refresh_window() {
        let hour = session(0, 3_600, Origin::Temporary);
        assert!(hour.fresh(at(2_699)));
        assert!(!hour.fresh(at(2_700)));
        let shortest = session(0, 900, Origin::Temporary);
        assert!(shortest.fresh(at(0)));
        assert!(!shortest.fresh(at(600)));
    }

    #[test]
    fn a_chained_console_gets_new_credentials() {
        assert!(!session(0, 3_600, Origin::Temporary).fresh_for_console(at(361)));
        assert!(session(0, 3_600, Origin::LongTermKey).fresh_for_console(at(3_000)));
    }

    #[test]
    fn the_way_follows_from_kind_and_device() {
        let start = |ambient, has_mfa, mfa_usable| Start {
            ambient,
            has_mfa,
            mfa_usable,
        };
        let mut role = crate::role::tests::role("prod");
        let way = |role: &Role, start| Way::choose(role, start);
        assert_eq!(way(&role, start(false, true, false)), Way::NewMfaSession);
        assert_eq!(way(&role, start(false, true, true)), Way::MfaSession);
        assert_eq!(way(&role, start(true, false, false)), Way::Ambient);
        role.session = SessionKind::Long;
        assert_eq!(way(&role, start(false, true, true)), Way::KeyAndCode);
        assert_eq!(way(&role, start(false, false, false)), Way::Key);
        role.arn = "arn:aws:sts::111122223333:federated-user/ada"
            .parse()
            .unwrap();
        assert_eq!(way(&role, start(false, true, true)), Way::Federation);
        role.source = Some(role.name.clone());
        assert_eq!(way(&role, start(false, true, true)), Way::SourceRole);
    }
}
