use daypass_agent::{
    aws::StsClient,
    clock::{Clock as _, Trust},
    ports::{AssumeRole, AwsCause, AwsError, Source, Sts as _},
};
use daypass_core::{
    Instant,
    config::Endpoints,
    duration::Duration,
    field::{PolicyArn, SessionName},
    frame::{HEADER_LEN, MAX_ANSWER, decode, encode},
    name::Name,
    partition::Partition,
    protocol::WireCredentials,
    role::Role,
    schedule::{in_use, remind_at, renew_at},
    secret::SessionCredentials,
    session::{Origin, Session},
};

use crate::{
    Verdict,
    ada::{SECRET, key, mfa},
    answer::{Answer, at_once},
    input::assert_told,
};

/// R5, P4: whatever answers in place of STS, whole credentials come of it or a reason, a code goes
/// out once, and afterwards the agent knows the time and can go on asking.
pub fn sts(data: &[u8]) -> Verdict {
    let Some(answer) = Answer::parse(data) else {
        return Verdict::Refused;
    };
    let http = answer.http();
    let sts = StsClient::new(&http, &Endpoints::default());
    let taken = ask(&sts, &answer);
    let time = without_code(at_once(sts.ask_time(Partition::Aws)));
    assert!(
        time.is_some(),
        "an answer that came is a time that was told"
    );
    let clock = http.clock();
    let _ = (clock.now(), clock.behind());
    if clock.trust() != Trust::Unheard {
        ask(&sts, &answer);
    }
    taken.into()
}

/// Makes the call that the answer is of.
fn ask(sts: &StsClient, answer: &Answer) -> bool {
    answer.times();
    let says = |name: &str| {
        let mut windows = answer.body().windows(name.len());
        windows.any(|window| window == name.as_bytes())
    };
    if says("GetCallerIdentity") {
        let caller = sts.get_caller_identity(key(), Partition::Aws);
        return without_code(at_once(caller)).is_some();
    }
    if says("GetFederationToken") {
        let assumed = at_once(sts.assume_role(Source::Key(key(), None), assume(USER)));
        let credentials = assumed.map(|assumed| whole(assumed.map(|a| a.credentials)));
        return without_code(credentials).is_some();
    }
    let credentials = if says("AssumeRole") {
        let assumed = at_once(sts.assume_role(Source::Key(key(), Some(mfa())), assume(ROLE)));
        assumed.map(|assumed| assumed.map(|a| a.credentials))
    } else {
        at_once(sts.get_session_token(key(), mfa(), Duration::HALF_DAY, Partition::Aws))
    };
    with_code(answer, credentials)
}

/// A call with a code.
fn with_code(answer: &Answer, outcome: Option<Result<SessionCredentials, AwsError>>) -> bool {
    let outcome = outcome.expect("a code is not sent again, so there is nothing to wait for");
    assert_eq!(answer.times(), 1, "a code is sent once");
    match whole(outcome) {
        Ok(()) => true,
        Err(error) => {
            check_error(&error);
            assert_ne!(error.cause, AwsCause::Passing, "the code may be spent");
            false
        }
    }
}

/// A call without one; nothing where it would be tried again.
fn without_code<T>(outcome: Option<Result<T, AwsError>>) -> Option<T> {
    match outcome? {
        Ok(answer) => Some(answer),
        Err(error) => {
            check_error(&error);
            assert_ne!(error.cause, AwsCause::AnswerLost, "there was no code");
            None
        }
    }
}

fn whole(outcome: Result<SessionCredentials, AwsError>) -> Result<(), AwsError> {
    let credentials = outcome?;
    check_schedule(&credentials);
    let parts = [
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.expose(),
        credentials.session_token.expose(),
    ];
    assert!(
        parts.iter().all(|part| !part.is_empty()),
        "credentials without a part of them"
    );
    Ok(())
}

/// The agent plans with whatever end a session has, and tells its clients.
fn check_schedule(credentials: &SessionCredentials) {
    let session = Session {
        credentials: credentials.clone(),
        started_at: Instant::UNIX_EPOCH,
        origin: Origin::Temporary,
    };
    let ends = credentials.expires_at;
    assert!(renew_at(&session) < ends);
    for now in [session.started_at, ends] {
        let _ = (session.fresh(now), session.fresh_for_console(now));
        let _ = (
            in_use(&session, session.started_at, now),
            remind_at(now, ends),
        );
    }
    let told = WireCredentials::new(credentials, "111122223333");
    let frame = encode(&told, MAX_ANSWER).expect("no longer than the answer");
    let read: WireCredentials =
        decode(frame.get(HEADER_LEN..).unwrap_or_default()).expect("what we write we understand");
    assert_eq!(read.expires_at, ends);
}

fn check_error(error: &AwsError) {
    assert_told(&error.problem);
    assert!(!error.problem.to_string().contains(SECRET));
}

const ROLE: &str = "arn:aws:iam::111122223333:role/Admin";
const USER: &str = "arn:aws:sts::111122223333:federated-user/ada";

fn assume(arn: &str) -> AssumeRole {
    let name = || Name::parse("prod").unwrap();
    let policy = PolicyArn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap();
    AssumeRole {
        role: Role {
            policy_arns: vec![policy],
            ..Role::new(name(), name(), arn.parse().unwrap())
        },
        session_name: SessionName::parse("ada").unwrap(),
    }
}
