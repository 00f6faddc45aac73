use daypass_agent::{
    aws::FederationEndpoint,
    ports::{SignIn as _, SignInError},
};
use daypass_core::{
    config::Endpoints, console::SignIn, name::Name, protocol::Console, role::Role, secret::Secret,
};
use serde_json::Value;
use url::Url;

use crate::{
    Verdict,
    answer::{Answer, at_once},
    input::assert_told,
};

/// T15: whatever answers in place of the sign-in endpoint, its token comes of it, whole, or a
/// reason that quotes nothing of it; and the link carries the token as it was.
pub fn signin(data: &[u8]) -> Verdict {
    let Some(answer) = Answer::parse(data) else {
        return Verdict::Refused;
    };
    let name = Name::parse("prod").unwrap();
    let arn = "arn:aws:iam::111122223333:role/Admin".parse().unwrap();
    let role = Role::new(name.clone(), name.clone(), arn);
    let plan = SignIn::plan(
        &role,
        &Console::of(name),
        &Endpoints::default(),
        "https://example.com",
    );
    let plan = plan.unwrap();
    let endpoint = FederationEndpoint::new(&answer.http());
    let form = Secret::new("Action=getSigninToken".to_owned());
    let call = endpoint.signin_token(plan.federation.clone(), form);
    let token = at_once(call).expect("a body that is there is read at once");
    match token {
        Ok(token) => check_token(&answer, &plan, &token),
        Err(error) => {
            check_error(&answer, error);
            return Verdict::Refused;
        }
    }
    Verdict::Taken
}

fn check_token(answer: &Answer, plan: &SignIn, token: &Secret) {
    assert_eq!(answer.status(), 200);
    // What is beside the token need not even be text.
    if let Ok(body) = serde_json::from_slice::<Value>(answer.body()) {
        let wanted = body.get("SigninToken").and_then(Value::as_str);
        assert!(wanted == Some(token.expose()), "another token");
    }
    let link = Url::parse(plan.login_url(token).expose()).expect("a link");
    let sent = link.query_pairs().find(|(key, _)| key == "SigninToken");
    assert!(sent.is_some_and(|(_, sent)| sent == token.expose()));
}

fn check_error(answer: &Answer, error: SignInError) {
    match error {
        SignInError::BadRequest => assert_eq!(answer.status(), 400),
        SignInError::Problem(problem) => {
            assert_told(&problem);
            let quoted = std::str::from_utf8(answer.body())
                .is_ok_and(|body| body.len() > 20 && problem.to_string().contains(body));
            let ours = problem.to_string().contains("AWS's sign-in");
            assert!(ours && !quoted, "{problem}");
        }
    }
}
