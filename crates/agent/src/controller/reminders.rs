//! Telling people of the end of a session that only they can renew: before it is too late, once,
//! and not where nobody uses it.

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    language::Language,
    menu::Choice,
    name::Name,
    schedule::{self, Told},
    session::{Session, SessionKey, Way},
};

use super::Controller;
use crate::ports::{Notification, Topic};

/// How long nothing is said after *Not today*.
const A_DAY: TimeDelta = TimeDelta::hours(12);

impl Controller {
    /// How long before its end a session is announced.
    pub(super) fn lead(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.file.config().settings.warn_minutes))
    }

    /// Tells what is to be told now.
    pub(super) fn remind(&mut self, now: Instant) {
        let identities: Vec<Name> = self.identities.keys().cloned().collect();
        for identity in identities {
            self.remind_of_identity(&identity, now);
        }
        let roles: Vec<SessionKey> = self.roles.keys().cloned().collect();
        for key in roles {
            self.remind_of_role(&key, now);
        }
    }

    fn remind_of_identity(&mut self, identity: &Name, now: Instant) {
        let (lead, used) = (self.lead(), self.used_lately(identity, now));
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        let quiet = slot.quiet_until.is_some_and(|until| now < until);
        let Some(mfa) = &mut slot.mfa else {
            return;
        };
        let expires_at = mfa.session.credentials.expires_at;
        let told = schedule::told_by(now, expires_at, lead);
        let again = slot.remind_at.is_some_and(|at| now >= at);
        if told == Told::Nothing || !used || quiet || (told <= mfa.told && !again) {
            return;
        }
        mfa.told = told;
        slot.remind_at = None;
        let ending = format!(
            "It ends in {} minutes. Enter a code now and nothing is interrupted.",
            minutes_left(&mfa.session, now)
        );
        let actions = vec![
            ("Enter code", Choice::EnterCode(identity.clone())),
            ("Later", Choice::Snooze(identity.clone())),
            ("Not today", Choice::NotToday(identity.clone())),
        ];
        self.tell(Topic::MfaSession(identity.clone()), told, &ending, actions);
    }

    /// A long session, which a code renews and nothing else.
    fn remind_of_role(&mut self, key: &SessionKey, now: Instant) {
        let lead = self.lead();
        let Some(slot) = self.roles.get(key) else {
            return;
        };
        let (role, Some(session)) = (slot.role.clone(), slot.session.clone()) else {
            return;
        };
        let told = schedule::told_by(now, session.credentials.expires_at, lead);
        if told <= slot.told || self.way(&role, now) != Way::KeyAndCode {
            return;
        }
        let asked = self.roles.get(key).and_then(|slot| slot.last_asked);
        let in_use = asked.is_some_and(|at| schedule::in_use(&session, at, now));
        let quiet = role
            .identity
            .as_ref()
            .is_some_and(|identity| self.left_alone(identity));
        if quiet || !(in_use || self.is_pinned(&key.role)) {
            return;
        }
        if let Some(slot) = self.roles.get_mut(key) {
            slot.told = told;
        }
        let ending = format!(
            "It ends in {} minutes. It takes a code to renew it.",
            minutes_left(&session, now)
        );
        let actions = vec![("Enter code", Choice::RenewSession(key.clone()))];
        self.tell(Topic::RoleSession(key.clone()), told, &ending, actions);
    }

    fn tell(
        &mut self,
        about: Topic,
        told: Told,
        ending: &str,
        actions: Vec<(&'static str, Choice)>,
    ) {
        let Some(title) = title(&about, told, self.language()) else {
            return;
        };
        let body = match told {
            Told::Nothing | Told::Ending => ending,
            Told::Ended => "Enter a code to go on.",
        };
        self.notify(about, title, body, actions);
    }

    /// Shows a notification in the person's language, in which its title is already.
    pub(super) fn notify(
        &mut self,
        about: Topic,
        title: String,
        body: &str,
        actions: Vec<(&'static str, Choice)>,
    ) {
        let language = self.language();
        let say = |(label, choice)| (language.say(label), choice);
        self.ports.desktop.notify(Notification {
            about,
            title,
            body: language.say(body),
            actions: actions.into_iter().map(say).collect(),
            without_buttons: language.say("Click Daypass in the tray for that."),
        });
    }

    /// Whether anything was asked lately that this identity's MFA session serves.
    fn used_lately(&self, identity: &Name, now: Instant) -> bool {
        let config = self.file.config();
        self.roles.iter().any(|(key, slot)| {
            let asked = slot
                .last_asked
                .is_some_and(|at| schedule::used_lately(at, now));
            let start = config.start(&slot.role);
            (asked || self.is_pinned(&key.role))
                && start.is_some_and(|start| start.name == *identity)
        })
    }

    pub(super) fn snooze(&mut self, identity: &Name) {
        let now = self.now();
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        let end = slot.mfa.as_ref().map(|mfa| &mfa.session);
        let end = end.map_or(now, |session| session.credentials.expires_at);
        slot.remind_at = Some(schedule::remind_at(now, end));
        self.withdraw(&Topic::MfaSession(identity.clone()));
    }

    pub(super) fn not_today(&mut self, identity: &Name) {
        self.be_quiet(identity, A_DAY);
        self.withdraw(&Topic::MfaSession(identity.clone()));
    }

    /// Lets programs bring up no code field of this identity for a while.
    pub(super) fn be_quiet(&mut self, identity: &Name, time: TimeDelta) {
        let until = self.now() + time;
        if let Some(slot) = self.identities.get_mut(identity) {
            // A person who has said "not today" and then closes a field still means it.
            slot.quiet_until = slot.quiet_until.max(Some(until));
            slot.remind_at = None;
        }
    }

    /// A person or a code has answered: everything may be said again.
    pub(super) fn be_heard(&mut self, identity: &Name) {
        if let Some(slot) = self.identities.get_mut(identity) {
            slot.quiet_until = None;
            slot.remind_at = None;
        }
        self.withdraw(&Topic::MfaSession(identity.clone()));
    }

    pub(super) fn withdraw(&mut self, about: &Topic) {
        self.ports.desktop.withdraw(about);
    }
}

/// What is told of a session, with its role's or identity's name, in a language.
fn title(about: &Topic, told: Told, language: Language) -> Option<String> {
    let (name, read_only) = match about {
        Topic::MfaSession(identity) => (identity, false),
        Topic::RoleSession(key) => (&key.role, key.read_only),
        Topic::Link => return None,
    };
    let words = match (told, read_only) {
        (Told::Nothing, _) => return None,
        (Told::Ending, false) => "{}: the session ends soon",
        (Told::Ending, true) => "{}, read-only: the session ends soon",
        (Told::Ended, false) => "{}: the session has ended",
        (Told::Ended, true) => "{}, read-only: the session has ended",
    };
    Some(language.say_with(words, name.as_str()))
}

/// Rounded up, so that ten minutes less a moment are ten.
fn minutes_left(session: &Session, now: Instant) -> i64 {
    (session.left(now).num_seconds() + 59) / 60
}
