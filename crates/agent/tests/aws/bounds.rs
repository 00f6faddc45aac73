//! R5: what no network may do to a call is last, or take memory, without end.

use std::time::Duration;

use daypass_agent::{
    aws::FederationEndpoint,
    ports::{AwsCause, SignIn as _, SignInError, Source, Sts as _},
};
use daypass_core::{problem::Problem, secret::Secret};
use tokio::time::Instant;

use crate::{
    stub::{Fate, Stub},
    support::{ADA_DEVICE, ADMIN, mfa, refused, role, sts_at, user, whoami},
};

/// HARDENING R5, and what timers are rounded by.
const TOTAL: Duration = Duration::from_millis(10_010);
/// What a client may have taken before it noticed: its limit of 1 MiB and the kernel's buffers.
const TAKEN: usize = 32 * 1024 * 1024;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 40\r\n\r\n\
<GetCallerIdentityResponse>CANARY CANARY";
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<GetCaller CANARY";
const ENDLESS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";

async fn sign_in(url: &str) -> Result<Secret, Problem> {
    let form = Secret::new("Action=getSigninToken&Session=CANARY".to_owned());
    let federation = format!("{url}/federation").parse().unwrap();
    let token = FederationEndpoint::default().signin_token(federation, form);
    token.await.map_err(|error| match error {
        SignInError::Problem(problem) => problem,
        SignInError::BadRequest => panic!("nobody said so"),
    })
}

/// Neither a server that says nothing nor one that says it slowly keeps anybody for longer. Time
/// stands still once the server has the request, and then runs as fast as nothing happens.
#[tokio::test]
async fn r5_a_black_hole_and_a_trickle_end_after_ten_seconds() {
    for fates in [&[Fate::Silence], &[Fate::Drip(ANSWER)]] {
        let mut stub = Stub::start(fates).await;
        let call = tokio::spawn(whoami_at(stub.url().to_owned()));
        stub.arrival().await;
        tokio::time::pause();
        let start = Instant::now();
        let (cause, words) = refused(call.await.unwrap());
        assert_eq!(cause, AwsCause::Passing, "{words}");
        assert!(words.contains("cannot be reached"), "{words}");
        assert!(start.elapsed() <= TOTAL, "{:?}", start.elapsed());
        tokio::time::resume();

        let url = stub.url().to_owned();
        let call = tokio::spawn(async move { sign_in(&url).await });
        stub.arrival().await;
        tokio::time::pause();
        let start = Instant::now();
        let problem = call.await.unwrap().err().unwrap().to_string();
        assert!(problem.contains("cannot be reached"), "{problem}");
        assert!(!problem.contains("CANARY"), "{problem}");
        assert!(start.elapsed() <= TOTAL, "{:?}", start.elapsed());
        tokio::time::resume();
    }
}

async fn whoami_at(url: String) -> Result<String, daypass_agent::ports::AwsError> {
    whoami(&sts_at(&url), user("bob")).await
}

#[tokio::test]
async fn r5_a_half_closed_connection_is_no_answer() {
    let stub = Stub::start(&[Fate::HalfClose(HALF)]).await;
    let (cause, words) = refused(whoami_at(stub.url().to_owned()).await);
    assert_eq!(cause, AwsCause::Passing, "{words}");
    assert!(words.contains("cannot be reached"), "{words}");
    assert_eq!(stub.requests().len(), 3, "it was not tried again");
    let problem = sign_in(stub.url()).await.err().unwrap().to_string();
    assert!(problem.contains("cannot be reached"), "{problem}");
}

/// Nothing that AWS sends is a MiB long.
#[tokio::test]
async fn r5_an_endless_answer_is_not_read_to_its_end() {
    let stub = Stub::start(&[Fate::Endless(ENDLESS)]).await;
    let (cause, words) = refused(whoami_at(stub.url().to_owned()).await);
    assert_eq!(cause, AwsCause::Passing, "{words}");
    // Each try ended with its answer and not with its time.
    assert_eq!(stub.requests().len(), 3);
    assert!(sign_in(stub.url()).await.is_err());
    assert!(stub.sent() < TAKEN, "{} bytes were taken", stub.sent());
}

/// P4: what came instead of an answer says nothing about the code.
#[tokio::test]
async fn p4_an_endless_answer_to_a_code_is_a_lost_answer() {
    let stub = Stub::start(&[Fate::Endless(ENDLESS)]).await;
    let source = Source::Key(user("ada"), Some(mfa(ADA_DEVICE, "135790")));
    let call = sts_at(stub.url()).assume_role(source, role(ADMIN, 3_600));
    let (cause, words) = refused(call.await);
    assert_eq!(cause, AwsCause::AnswerLost, "{words}");
    assert_eq!(stub.requests().len(), 1);
}
