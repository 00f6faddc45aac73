use daypass_core::{
    arn::{MfaSerial, PrincipalArn},
    config::{Config, Endpoints},
    console::SignIn,
    field::Region,
    name::Name,
    problem::Problem,
    protocol::Console,
    role::Role,
    secret::Secret,
};
use url::Url;

use crate::{
    Verdict,
    input::{assert_told, parts},
};

/// T14: an ARN, a region, a destination, an issuer, endpoints for console and sign-in, an MFA
/// device's serial and a sign-in token. The browser is sent to https on the hosts of the ARN's
/// partition or to the endpoint that is set, and everything in the link is encoded.
pub fn console(data: &[u8]) -> Verdict {
    let Some(
        [
            arn,
            region,
            destination,
            issuer,
            console,
            signin,
            serial,
            token,
        ],
    ) = parts(data)
    else {
        return Verdict::Refused;
    };
    check_serial(serial);
    let Some(arn) = principal(arn) else {
        return Verdict::Refused;
    };
    let endpoints = endpoints(console, signin);
    let role = Role {
        destination: some(destination),
        ..Role::new(name(), name(), arn)
    };
    let asked = Console {
        region: Region::parse(region).ok(),
        issuer: some(issuer),
        ..Console::of(name())
    };
    match SignIn::plan(&role, &asked, &endpoints, "https://example.com") {
        Ok(plan) => {
            check_federation(&plan, &role, &endpoints);
            check_destination(&plan, &role, &endpoints);
            check_link(&plan, token);
            Verdict::Taken
        }
        Err(problem) => {
            assert_told(&problem);
            Verdict::Refused
        }
    }
}

/// Sign-in and console of each partition that has them (AWS_RULES 3.5).
const HOSTS: [(&str, &str, &str); 4] = [
    ("aws", "signin.aws.amazon.com", "console.aws.amazon.com"),
    ("aws-cn", "signin.amazonaws.cn", "console.amazonaws.cn"),
    (
        "aws-us-gov",
        "signin.amazonaws-us-gov.com",
        "console.amazonaws-us-gov.com",
    ),
    (
        "aws-eusc",
        "signin.amazonaws-eusc.eu",
        "console.amazonaws-eusc.eu",
    ),
];

fn hosts(role: &Role) -> Option<(&'static str, &'static str)> {
    let partition = role.arn.as_str().split(':').nth(1)?;
    let mut hosts = HOSTS.into_iter();
    hosts.find_map(|(id, signin, console)| (id == partition).then_some((signin, console)))
}

fn check_federation(plan: &SignIn, role: &Role, endpoints: &Endpoints) {
    let url = &plan.federation;
    assert!(url.path().ends_with("/federation") && url.query().is_none());
    match &endpoints.signin {
        Some(endpoint) => assert_eq!(url.origin(), parsed(endpoint).origin()),
        None => assert!(
            is_https_at(url, hosts(role).map(|(signin, _)| signin)),
            "{url}"
        ),
    }
}

fn check_destination(plan: &SignIn, role: &Role, endpoints: &Endpoints) {
    let url = &plan.destination;
    let set = endpoints.console.as_deref().map(parsed);
    let on_endpoint = set.is_some_and(|endpoint| endpoint.origin() == url.origin());
    let without_user = url.username().is_empty() && url.password().is_none();
    assert!(without_user, "{url}");
    assert!(
        on_endpoint || is_https_at(url, hosts(role).map(|(_, console)| console)),
        "{url}"
    );
}

fn is_https_at(url: &Url, host: Option<&str>) -> bool {
    let Some((host, found)) = host.zip(url.host_str()) else {
        return false;
    };
    let below = found
        .strip_suffix(host)
        .is_some_and(|sub| sub.ends_with('.'));
    url.scheme() == "https" && url.port().is_none() && (found == host || below)
}

fn check_link(plan: &SignIn, token: &str) {
    let link = plan.login_url(&Secret::new(token.to_owned()));
    let link = link.expose();
    assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{link}");
    let url = parsed(link);
    assert_eq!(url.origin(), plan.federation.origin());
    assert_eq!((url.path(), url.fragment()), (plan.federation.path(), None));
    let wanted = [
        ("Action", "login"),
        ("Issuer", plan.issuer.as_str()),
        ("Destination", plan.destination.as_str()),
        ("SigninToken", token),
    ];
    assert!(
        url.query_pairs()
            .eq(wanted.map(|(key, value)| (key.into(), value.into())))
    );
}

/// An ARN is its own text, and its parts are where AWS has them.
fn principal(text: &str) -> Option<PrincipalArn> {
    let arn = told(PrincipalArn::parse(text))?;
    assert_eq!(arn.as_str(), text);
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, service, _, account, resource] = parts.try_into().expect("six parts");
    assert_eq!((arn.partition().id(), arn.account()), (partition, account));
    assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let (wanted, kind) = if arn.is_federated_user() {
        ("sts", "federated-user/")
    } else {
        ("iam", "role/")
    };
    assert_eq!(service, wanted);
    assert!(resource.starts_with(kind) && resource.ends_with(arn.short_name()));
    assert!(!arn.short_name().is_empty() && !arn.short_name().contains('/'));
    let written = serde_json::to_string(&arn).expect("JSON");
    let read = serde_json::from_str(&written).ok();
    assert_eq!(read.as_ref(), Some(&arn));
    Some(arn)
}

fn check_serial(text: &str) {
    let Some(serial) = told(MfaSerial::parse(text)) else {
        return;
    };
    assert_eq!(serial.as_str(), text);
    assert!(!serial.short().is_empty(), "{text}");
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(
        !text.starts_with("arn:") || text.contains(":mfa/"),
        "{text}"
    );
}

fn told<T>(result: Result<T, Problem>) -> Option<T> {
    result.map_err(|problem| assert_told(&problem)).ok()
}

/// Endpoints that the config file may have.
fn endpoints(console: &str, signin: &str) -> Endpoints {
    let config = Config {
        endpoints: Endpoints {
            console: some(console),
            signin: some(signin),
            ..Endpoints::default()
        },
        ..Config::default()
    };
    if told(config.check()).is_some() {
        return config.endpoints;
    }
    Endpoints::default()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn parsed(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn name() -> Name {
    Name::parse("prod").expect("good")
}
