//! The sign-in endpoint, with sessions from the real adapter.

use daypass_agent::{
    aws::FederationEndpoint,
    ports::{SignIn as _, SignInError, Source, Sts},
};
use daypass_core::{
    console::SignIn,
    duration::Duration,
    problem::Blame,
    secret::{Secret, SessionCredentials},
};

use crate::{
    stub::{Fate, Stub},
    support::{ADA_DEVICE, ADMIN, Aws, NO_MFA, granted, http, role, user},
};

async fn token(
    url: &str,
    credentials: &SessionCredentials,
    console: Option<Duration>,
) -> Result<Secret, SignInError> {
    let federation = format!("{url}/federation").parse().unwrap();
    let form = SignIn::token_form(credentials, console);
    FederationEndpoint::default()
        .signin_token(federation, form)
        .await
}

/// A role session from the key and a code.
async fn long(aws: &Aws) -> SessionCredentials {
    let source = Source::Key(user("ada"), Some(aws.code(ADA_DEVICE)));
    granted(aws.sts().assume_role(source, role(ADMIN, 3_600)).await).credentials
}

/// A role session from an MFA session.
async fn daily(aws: &Aws) -> SessionCredentials {
    let source = Source::Session(aws.mfa_session(3_600).await);
    granted(aws.sts().assume_role(source, role(ADMIN, 3_600)).await).credentials
}

/// Whether the endpoint takes a token and leads on to the console.
fn signs_in(aws: &Aws, token: &Secret) -> bool {
    let login = SignIn {
        federation: format!("{}/federation", aws.url()).parse().unwrap(),
        destination: format!("{}/console/home", aws.url()).parse().unwrap(),
        issuer: "https://example.com/".to_owned(),
        duration: None,
        duration_asked: false,
        sign_out: None,
    };
    let link = login.login_url(token);
    let path = link.expose().strip_prefix(&aws.url()).unwrap();
    let answer = http(&aws.url(), "GET", path, "", "");
    answer.status == 302 && answer.head.contains("location: /console/home")
}

/// AWS_RULES 3.5: only a session made from the key may choose the length of its console.
#[tokio::test]
async fn a_long_session_gets_a_console_of_its_own_length() {
    let aws = Aws::start();
    let session = long(&aws).await;
    for console in [Some(Duration::HALF_DAY), Some(Duration::MIN), None] {
        let token = token(&aws.url(), &session, console).await.ok().unwrap();
        assert!(signs_in(&aws, &token));
        let journal = aws.journal();
        let mut entries = journal.iter().rev();
        let entry = entries.find(|entry| entry["op"] == "GetSigninToken");
        assert_eq!(
            entry.unwrap()["duration"].as_u64(),
            console.map(|duration| u64::from(duration.seconds()))
        );
    }
}

#[tokio::test]
async fn a_daily_session_gets_a_console_without_a_length_and_none_with_one() {
    let aws = Aws::start();
    let session = daily(&aws).await;
    let refused = token(&aws.url(), &session, Some(Duration::HOUR)).await;
    assert_eq!(refused.err(), Some(SignInError::BadRequest));
    let token = token(&aws.url(), &session, None).await.ok().unwrap();
    assert!(signs_in(&aws, &token));
}

#[tokio::test]
async fn a_console_longer_than_half_a_day_is_a_bad_request() {
    let aws = Aws::start();
    let session = long(&aws).await;
    let refused = token(&aws.url(), &session, Some(Duration::MAX_MFA)).await;
    assert_eq!(refused.err(), Some(SignInError::BadRequest));
}

/// AWS_RULES 3.3, 3.5.
#[tokio::test]
async fn an_mfa_session_and_a_session_that_has_ended_get_no_console() {
    let aws = Aws::start();
    let mfa_session = aws.mfa_session(3_600).await;
    let refused = token(&aws.url(), &mfa_session, None).await;
    assert_eq!(refused.err(), Some(SignInError::BadRequest));

    let source = Source::Key(user("bob"), None);
    let assumed = aws.sts().assume_role(source, role(NO_MFA, 900)).await;
    let ended = granted(assumed).credentials;
    aws.advance(900);
    let refused = token(&aws.url(), &ended, None).await;
    assert_eq!(refused.err(), Some(SignInError::BadRequest));
}

/// T15: the keys are in no URL, and AWS's logs learn who asks.
#[tokio::test]
async fn t15_keys_travel_in_the_body_and_under_our_own_name() {
    let aws = Aws::start();
    let session = long(&aws).await;
    let token = token(&aws.url(), &session, None).await.ok().unwrap();
    assert!(signs_in(&aws, &token));
    let journal = aws.journal();
    assert_eq!(journal.len(), 3);
    assert!(journal.iter().all(|entry| entry["query_secret"] == false));
    assert_eq!(journal[1]["op"], "GetSigninToken");
    let agent = journal[1]["user_agent"].as_str().unwrap();
    assert!(agent.starts_with("daypass/"), "{agent}");
    let agent = journal[0]["user_agent"].as_str().unwrap();
    assert!(agent.contains("app/daypass"), "{agent}");
}

#[tokio::test]
async fn a_busy_endpoint_passes_and_is_asked_once() {
    let aws = Aws::start();
    let session = long(&aws).await;
    aws.fail("GetSigninToken", "unavailable", 9);
    let Err(SignInError::Problem(problem)) = token(&aws.url(), &session, None).await else {
        panic!("an answer");
    };
    assert_eq!(problem.blame, Blame::Passing);
    assert!(problem.what.contains("busy"), "{problem}");
    assert_eq!(aws.calls("GetSigninToken").len(), 1);
}

/// T15: no failure of the network quotes what was sent.
#[tokio::test]
async fn t15_a_lost_answer_says_nothing_secret() {
    const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"SigninToken\":\"CANARY";
    let aws = Aws::start();
    let session = long(&aws).await;
    for fates in [&[Fate::Reset], &[Fate::HangUp], &[Fate::LastWords(HALF)]] {
        let stub = Stub::start(fates).await;
        let Err(SignInError::Problem(problem)) = token(stub.url(), &session, None).await else {
            panic!("an answer");
        };
        assert_eq!(problem.blame, Blame::Passing);
        let words = problem.to_string();
        assert!(words.contains("cannot be reached"), "{words}");
        for secret in [
            session.secret_access_key.expose(),
            session.session_token.expose(),
            &session.access_key_id,
            "CANARY",
            stub.url(),
        ] {
            assert!(!words.contains(secret), "{words}");
        }
        assert_eq!(stub.requests().len(), 1);
    }
}

/// R5: a server that takes the request and says nothing.
#[tokio::test]
async fn r5_silence_is_an_endpoint_that_cannot_be_reached() {
    let aws = Aws::start();
    let session = long(&aws).await;
    let mut stub = Stub::start(&[Fate::Silence]).await;
    let url = stub.url().to_owned();
    let call = tokio::spawn(async move { token(&url, &session, None).await });
    stub.arrival().await;
    tokio::time::pause();
    let Err(SignInError::Problem(problem)) = call.await.unwrap() else {
        panic!("an answer");
    };
    assert!(problem.what.contains("cannot be reached"), "{problem}");
}
