//! Sessions in memory: what may still be handed out, and from what it was made.

use chrono::TimeDelta;

use crate::{Instant, config::SessionKind, secret::SessionCredentials};

/// What a session was made from. AWS treats the two differently (AWS_RULES 3.2, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Way {
    /// The way to a role from what is known of its identity.
    pub fn choose(kind: SessionKind, ambient: bool, has_mfa: bool, mfa_usable: bool) -> Self {
        if ambient {
            return Self::Ambient;
        }
        if !has_mfa {
            return Self::Key;
        }
        match kind {
            SessionKind::Long => Self::KeyAndCode,
            SessionKind::Daily if mfa_usable => Self::MfaSession,
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
        use SessionKind::{Daily, Long};
        assert_eq!(Way::choose(Daily, false, true, false), Way::NewMfaSession);
        assert_eq!(Way::choose(Daily, false, true, true), Way::MfaSession);
        assert_eq!(Way::choose(Long, false, true, true), Way::KeyAndCode);
        assert_eq!(Way::choose(Long, false, false, false), Way::Key);
        assert_eq!(Way::choose(Daily, true, false, false), Way::Ambient);
    }
}
