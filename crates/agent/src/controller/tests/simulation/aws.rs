//! AWS with a clock of its own: it knows each code once, ends sessions on time, and does not
//! always answer.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{SubsecRound, TimeDelta};
use daypass_core::{
    Instant,
    config::Settings,
    duration::Duration,
    field::AccessKeyId,
    partition::Partition,
    problem::{Code, Problem},
    secret::{AccessKey, Secret, SessionCredentials},
    session::{Origin, SessionKey},
};
use futures_util::future::BoxFuture;
use url::Url;

use super::{
    computer::Here,
    invariants::Ledger,
    setup::{USERS, shape, user_of_key},
};
use crate::{
    clock::{AwsClock, Clock},
    ports::{
        AssumeRole, Assumed, AwsCause, AwsError, Endpoint, Iam, KeyFacts, Mfa, Network, PutSecret,
        Reached, Secrets, SignIn, SignInError, Source, Sts,
    },
    runtime::Runtime,
};

/// Devices show a new code every 30 seconds, and AWS takes those beside the current one.
const STEP: i64 = 30;
/// Beyond this AWS does not look at a request.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// What a device shows at a time.
pub(super) fn shown(serial: &str, at: Instant) -> String {
    code_of(serial, at.timestamp().div_euclid(STEP))
}

fn code_of(serial: &str, step: i64) -> String {
    let mut hasher = DefaultHasher::new();
    (serial, step).hash(&mut hasher);
    format!("{:06}", hasher.finish() % 1_000_000)
}

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A user's MFA session.
    Mfa(usize),
    /// A role's session.
    Role(SessionKey),
    /// Anything that gives no session.
    Other,
}

/// Credentials that AWS gave.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) what: What,
    pub(super) until: Instant,
    pub(super) since: Instant,
}

#[derive(Default)]
pub(super) struct Aws {
    pub(super) is_away: bool,
    pub(super) is_busy: bool,
    /// So many of the next answers never arrive.
    pub(super) answers_lost: u32,
    /// How long an answer takes, in seconds.
    pub(super) latency: u64,
    /// Whether an answer has told the time.
    pub(super) told_time: bool,
    given: HashMap<String, Given>,
    used: HashSet<(String, i64)>,
    /// Codes that were taken, by device.
    taken: HashSet<(String, String)>,
    pub(super) ledger: Ledger,
}

/// The way to AWS.
#[derive(Clone)]
pub(super) struct Cloud {
    aws: Arc<Mutex<Aws>>,
    pub(super) here: Here,
    pub(super) clock: Arc<AwsClock<Here>>,
}

type Answer<T> = Result<T, AwsError>;

fn fails<T>(cause: AwsCause) -> Answer<T> {
    let problem = Problem::passing(Code::AwsRefused, format!("{cause:?}"), "");
    Err(AwsError::new(cause, problem))
}

impl Aws {
    pub(super) fn given(&self, id: &str) -> Option<&Given> {
        self.given.get(id)
    }

    fn give(&mut self, what: What, seconds: u32, now: Instant) -> SessionCredentials {
        let id = format!("ASIA{}", self.given.len());
        let since = now.trunc_subsecs(0);
        let until = since + TimeDelta::seconds(i64::from(seconds));
        self.given.insert(id.clone(), Given { what, until, since });
        SessionCredentials {
            access_key_id: id,
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: Secret::new("token".to_owned()),
            expires_at: until,
        }
    }

    /// P4: a code that was taken is not sent again. One that AWS did not look at may be, since a
    /// wrong clock must not burn it (R3).
    fn code_arrives(&mut self, mfa: &Mfa) {
        let serial = mfa.serial.as_str();
        let code = (serial.to_owned(), mfa.code.expose().to_owned());
        if self.taken.contains(&code) {
            let how = format!("a code of {serial} was sent again");
            self.ledger.broken("P4", how);
        }
    }

    fn take_code(&mut self, mfa: &Mfa, now: Instant) -> Answer<()> {
        let (serial, code) = (mfa.serial.as_str(), mfa.code.expose());
        let step = now.timestamp().div_euclid(STEP);
        let shown = (step - 1..=step + 1).find(|step| code_of(serial, *step) == code);
        let taken = shown.is_some_and(|step| self.used.insert((serial.to_owned(), step)));
        if !taken {
            return fails(AwsCause::WrongCode);
        }
        self.taken.insert((serial.to_owned(), code.to_owned()));
        Ok(())
    }

    fn get_session_token(
        &mut self,
        user: usize,
        mfa: &Mfa,
        seconds: u32,
        now: Instant,
    ) -> Answer<SessionCredentials> {
        assert!(USERS[user].devices.contains(&mfa.serial.as_str()));
        self.take_code(mfa, now)?;
        Ok(self.give(What::Mfa(user), seconds, now))
    }

    fn assume_role(
        &mut self,
        source: &Source,
        request: &AssumeRole,
        now: Instant,
    ) -> Answer<Assumed> {
        let key = session_key(request);
        let shape = shape(key.role.as_str());
        let seconds = request.role.wanted_duration().seconds();
        let origin = match source {
            Source::Key(id, mfa) => {
                self.check_key(id, mfa.as_ref(), now)?;
                Origin::LongTermKey
            }
            Source::Session(session) => {
                self.check_session(session, shape.code_age, now)?;
                assert!(
                    seconds <= 3_600,
                    "a daily or chained role has an hour at most"
                );
                Origin::Temporary
            }
            Source::Ambient(_) => unreachable!("no identity is ambient"),
        };
        if seconds > shape.longest {
            return fails(AwsCause::TooLong);
        }
        Ok(Assumed {
            credentials: self.give(What::Role(key), seconds, now),
            origin,
        })
    }

    fn check_key(&mut self, key: &AccessKey, mfa: Option<&Mfa>, now: Instant) -> Answer<()> {
        let user = &USERS[user_of_key(key.id.as_str())];
        match mfa {
            Some(mfa) => self.take_code(mfa, now),
            None if user.devices.is_empty() => Ok(()),
            None => fails(AwsCause::Denied),
        }
    }

    fn check_session(
        &self,
        session: &SessionCredentials,
        code_age: Option<i64>,
        now: Instant,
    ) -> Answer<()> {
        let given = &self.given[&session.access_key_id];
        if given.until <= now {
            return fails(AwsCause::SessionEnded);
        }
        if code_age.is_some_and(|age| (now - given.since).num_seconds() > age) {
            return fails(AwsCause::Denied);
        }
        Ok(())
    }
}

/// Which session a request is for.
pub(super) fn session_key(request: &AssumeRole) -> SessionKey {
    SessionKey {
        role: request.role.name.clone(),
        read_only: !request.role.policy_arns.is_empty(),
    }
}

/// How a call goes on its way.
enum Way<T> {
    /// It never got there.
    Stopped,
    /// AWS did not look at it.
    Refused(AwsCause),
    Answered(Answer<T>),
}

impl Cloud {
    pub(super) fn reached_from(here: Here) -> Self {
        Self {
            aws: Arc::default(),
            clock: Arc::new(AwsClock::new(here.clone())),
            here,
        }
    }

    pub(super) fn aws(&self) -> MutexGuard<'_, Aws> {
        self.aws.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Instant {
        self.here.0.true_time()
    }

    /// Sends a request, and lets its answer come, late or not at all.
    async fn call<T>(
        self,
        what: What,
        mfa: Option<Mfa>,
        answer: impl FnOnce(&mut Aws, Instant) -> Answer<T>,
    ) -> Answer<T> {
        let number = {
            let (now, seen) = (self.now(), self.clock.now());
            self.aws().ledger.call_begins(&what, now, seen)
        };
        let way = self.send(mfa.as_ref(), answer);
        let latency = self.aws().latency;
        if latency > 0 && !matches!(way, Way::Stopped) {
            self.here
                .wait(std::time::Duration::from_secs(latency))
                .await;
        }
        let answer = self.receive(way, mfa.is_some());
        self.aws().ledger.call_ends(number);
        answer
    }

    fn send<T>(
        &self,
        mfa: Option<&Mfa>,
        answer: impl FnOnce(&mut Aws, Instant) -> Answer<T>,
    ) -> Way<T> {
        let now = self.now();
        let mut aws = self.aws();
        if aws.is_away {
            return Way::Stopped;
        }
        if let Some(mfa) = mfa {
            aws.code_arrives(mfa);
            // Without a code the SDK dates the request anew, and nobody notices.
            if (self.clock.now() - now).abs() > SKEW {
                return Way::Refused(AwsCause::WrongTime);
            }
        }
        if aws.is_busy {
            return Way::Refused(AwsCause::Throttled);
        }
        Way::Answered(answer(&mut aws, now))
    }

    fn receive<T>(&self, way: Way<T>, with_code: bool) -> Answer<T> {
        let mut aws = self.aws();
        let lost = aws.is_away || aws.answers_lost > 0;
        if matches!(way, Way::Stopped) {
            return fails(AwsCause::Passing);
        }
        if lost {
            aws.answers_lost = aws.answers_lost.saturating_sub(1);
            return fails(if with_code {
                AwsCause::AnswerLost
            } else {
                AwsCause::Passing
            });
        }
        aws.told_time = true;
        drop(aws);
        let date = self.now().trunc_subsecs(0);
        self.clock.hear(date, std::time::Duration::ZERO);
        match way {
            Way::Stopped => unreachable!("see above"),
            Way::Refused(cause) => fails(cause),
            Way::Answered(answer) => answer,
        }
    }
}

impl Sts for Cloud {
    fn get_session_token(
        &self,
        key: AccessKey,
        mfa: Mfa,
        duration: Duration,
        _: Partition,
    ) -> BoxFuture<'static, Answer<SessionCredentials>> {
        let (this, user) = (self.clone(), user_of_key(key.id.as_str()));
        Box::pin(
            this.call(What::Mfa(user), Some(mfa.clone()), move |aws, now| {
                aws.get_session_token(user, &mfa, duration.seconds(), now)
            }),
        )
    }

    fn assume_role(
        &self,
        source: Source,
        request: AssumeRole,
    ) -> BoxFuture<'static, Answer<Assumed>> {
        let this = self.clone();
        let mfa = match &source {
            Source::Key(_, mfa) => mfa.clone(),
            _ => None,
        };
        let what = What::Role(session_key(&request));
        Box::pin(async move {
            let epoch = this.aws().ledger.epoch(&request.role.name);
            let asked = request.clone();
            let answer = this
                .clone()
                .call(what, mfa, move |aws, now| {
                    aws.assume_role(&source, &asked, now)
                })
                .await;
            if let Ok(assumed) = &answer {
                let until = assumed.credentials.expires_at;
                let ledger = &mut this.aws().ledger;
                ledger.session_arrives(session_key(&request), epoch, until, this.now());
            }
            answer
        })
    }

    fn get_caller_identity(
        &self,
        key: AccessKey,
        _: Partition,
    ) -> BoxFuture<'static, Answer<String>> {
        let name = USERS[user_of_key(key.id.as_str())].name;
        let arn = format!("arn:aws:iam::111122223333:user/{name}");
        Box::pin(self.clone().call(What::Other, None, |_, _| Ok(arn)))
    }

    fn ask_time(&self, _: Partition) -> BoxFuture<'static, Answer<()>> {
        Box::pin(self.clone().call(What::Other, None, |_, _| Ok(())))
    }
}

impl SignIn for Cloud {
    fn signin_token(&self, _: Url, _: Secret) -> BoxFuture<'static, Result<Secret, SignInError>> {
        let token = Secret::new("token".to_owned());
        let call = self.clone().call(What::Other, None, |_, _| Ok(token));
        Box::pin(async {
            call.await
                .map_err(|error| SignInError::Problem(error.problem))
        })
    }
}

impl Iam for Cloud {
    fn list_access_keys(
        &self,
        _: Source,
        _: Partition,
    ) -> BoxFuture<'static, Answer<Vec<KeyFacts>>> {
        Box::pin(self.clone().call(What::Other, None, |_, _| Ok(Vec::new())))
    }

    fn create_access_key(
        &self,
        _: Source,
        _: Partition,
    ) -> BoxFuture<'static, Answer<(AccessKey, Option<Instant>)>> {
        unreachable!("no key is replaced")
    }

    fn deactivate_access_key(
        &self,
        _: Source,
        _: Partition,
        _: AccessKeyId,
    ) -> BoxFuture<'static, Answer<()>> {
        unreachable!("no key is replaced")
    }

    fn delete_access_key(
        &self,
        _: Source,
        _: Partition,
        _: AccessKeyId,
    ) -> BoxFuture<'static, Answer<()>> {
        unreachable!("no key is replaced")
    }
}

impl Network for Cloud {
    fn reach(&self, _: Endpoint) -> BoxFuture<'static, Reached> {
        unreachable!("nobody asks what is wrong")
    }

    fn check(&self, _: &Settings) -> Result<(), Problem> {
        Ok(())
    }

    fn reach_proxy(&self) -> BoxFuture<'static, Option<Reached>> {
        unreachable!("nobody asks what is wrong")
    }
}

impl Secrets for Cloud {
    fn put_secret_value(
        &self,
        _: SessionCredentials,
        _: PutSecret,
    ) -> BoxFuture<'static, Answer<String>> {
        unreachable!("nothing is published")
    }
}
