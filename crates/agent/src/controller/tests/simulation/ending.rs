//! How every story ends: all that was broken is mended, time goes on, and programs go on asking.
//! Then whatever is in use is renewed, or a person is asked before it ends (P9).

use chrono::TimeDelta;
use daypass_core::protocol::{Asking, Response};
use tokio::sync::oneshot;

use super::{
    Simulation,
    events::{Event, Mood, Typed},
    setup::{ROLES, USERS, session_of, user_name, user_of},
};
use crate::ports::Topic;

/// botocore asks again before each request once a session has so little left.
const SDKS_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// So long after the last code the MFA sessions, of two hours, last at least.
const MFA_SESSION: TimeDelta = TimeDelta::minutes(105);
/// More codes than all roles and users need, one step-down included.
const CODES: usize = 20;

/// What a program got.
enum Got {
    Session(TimeDelta),
    Failure(String),
    /// Nothing yet.
    Nothing,
}

impl Simulation {
    pub(super) fn ends_well(&mut self, goes_on: bool) -> Result<(), String> {
        self.is_mended();
        self.everybody_is_served_or_asked_for()?;
        self.a_person_answers_everything();
        self.everybody_is_served()?;
        if goes_on {
            self.stays_served()?;
        }
        Ok(())
    }

    fn is_mended(&mut self) {
        self.programs.clear();
        for event in [
            Event::Keychain(Mood::Answers),
            Event::Throttling(false),
            Event::LosesAnswers(0),
            Event::Latency(0),
            Event::Network(true),
            Event::Unlocks,
            // The longest that AWS and a person who has closed a field are left alone.
            Event::Passes(660),
        ] {
            self.happens(&event);
        }
    }

    /// Asks as a program does, and gives AWS its turn.
    fn asks_for(&mut self, role: usize) -> Got {
        self.asks(role, false, Asking::Popup, true);
        let mut program = self.programs.pop().unwrap();
        for _ in 0..5 {
            self.settle();
            match program.answer.try_recv() {
                Ok(Response::Credentials(credentials)) => {
                    self.check_served(&credentials.access_key_id, Some(&program.key));
                    return Got::Session(credentials.expires_at - self.now());
                }
                Ok(Response::Failed(problem)) => {
                    self.check_failed(&program, &problem.to_string());
                    return Got::Failure(problem.to_string());
                }
                Ok(_) => unreachable!("no answer to a program"),
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Got::Failure("no answer".to_owned());
                }
                Err(oneshot::error::TryRecvError::Empty) => self.passes(1),
            }
        }
        Got::Nothing
    }

    fn is_prompted(&self) -> bool {
        self.handle.state.borrow().prompt.is_some()
    }

    fn everybody_is_served_or_asked_for(&mut self) -> Result<(), String> {
        for role in self.setup.present() {
            let name = ROLES[role].name;
            let has_device = !USERS[user_of(role)].devices.is_empty();
            match self.asks_for(role) {
                Got::Session(_) => {}
                Got::Nothing if has_device && self.is_prompted() => {}
                // A person may have said "not today", and AWS that the code is too old.
                Got::Failure(_) if has_device => {}
                Got::Failure(why) => return Err(format!("P9: {name} failed at the end: {why}")),
                Got::Nothing => return Err(format!("P9: {name} waits for nobody")),
            }
        }
        Ok(())
    }

    fn a_person_answers_everything(&mut self) {
        for (user, _) in USERS
            .iter()
            .enumerate()
            .filter(|(_, user)| !user.devices.is_empty())
        {
            if self.setup.users[user] {
                self.happens(&Event::WantsToType(user));
            }
        }
        for _ in 0..CODES {
            for role in self.setup.present() {
                self.asks_for(role);
            }
            if !self.is_prompted() {
                return;
            }
            let (user, device, code) = (0, 0, Typed::Right);
            self.happens(&Event::Types { user, device, code });
            self.passes(31);
        }
    }

    fn everybody_is_served(&mut self) -> Result<(), String> {
        for role in self.setup.present() {
            let name = ROLES[role].name;
            match self.asks_for(role) {
                Got::Session(_) => {}
                Got::Failure(why) => return Err(format!("P9: {name} failed with a code: {why}")),
                Got::Nothing => return Err(format!("P9: {name} waits though codes were typed")),
            }
        }
        Ok(())
    }

    /// Programs ask every ten minutes, and nobody types a code.
    fn stays_served(&mut self) -> Result<(), String> {
        let said_before = self.screen.seen().said.clone();
        let began = self.now();
        let mut roles = self.setup.present();
        for round in 0..15 {
            self.passes(600);
            for role in roles.clone() {
                let got = self.asks_for(role);
                if !self.renews_itself(role, self.now() - began) {
                    continue;
                }
                let name = ROLES[role].name;
                match got {
                    Got::Session(left) if left > self.least_left(role) => {}
                    Got::Session(left) => {
                        let minutes = left.num_minutes();
                        return Err(format!("P9: {name} was not renewed: {minutes} min left"));
                    }
                    Got::Failure(why) => return Err(format!("P9: {name} in round {round}: {why}")),
                    Got::Nothing => return Err(format!("P9: {name} waits in round {round}")),
                }
            }
            roles = self.setup.present();
        }
        let said = self.screen.seen().said.clone();
        for role in roles {
            let topic = self.topic_of_end(role);
            if let Some(topic) = topic
                && said.get(&topic) == said_before.get(&topic)
            {
                return Err(format!("P9: nobody was told of the end of {topic:?}"));
            }
        }
        Ok(())
    }

    /// Whether no person is needed for a role's next session, so long after the codes.
    fn renews_itself(&self, role: usize, since: TimeDelta) -> bool {
        let shape = &ROLES[role];
        let by_code = !USERS[user_of(role)].devices.is_empty();
        let for_now = !shape.is_long && shape.code_age.is_none() && since < MFA_SESSION;
        !by_code || for_now
    }

    /// What a program has left at least, if its session is renewed in time.
    fn least_left(&self, role: usize) -> TimeDelta {
        let length = TimeDelta::minutes(i64::from(self.setup.minutes(role)));
        SDKS_WINDOW.min(length / 3)
    }

    /// What a person is told of before a session ends that only a code renews.
    fn topic_of_end(&self, role: usize) -> Option<Topic> {
        let shape = &ROLES[role];
        if USERS[user_of(role)].devices.is_empty() {
            return None;
        }
        if shape.is_long {
            return Some(Topic::RoleSession(session_of(role, false)));
        }
        Some(Topic::MfaSession(user_name(user_of(role))))
    }
}
