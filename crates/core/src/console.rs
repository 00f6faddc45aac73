//! Sign-in to the AWS console: which hosts, which parameters, which destinations
//! (AWS_RULES 3.5; IAM User Guide, "Enable custom identity broker access to the AWS console").

use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{
    config::Endpoints,
    duration::Duration,
    field::Region,
    partition::{ConsoleHosts, Partition},
    problem::{Code, Problem},
    protocol::Console,
    role::Role,
    secret::{Secret, SessionCredentials},
    session::Origin,
};

/// How long AWS takes a sign-in link, in minutes.
pub const LINK_MINUTES: u8 = 15;

/// One sign-in: the endpoint to ask and the place to land on, both checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The federation endpoint.
    pub federation: Url,
    /// Where the console opens.
    pub destination: Url,
    /// Where AWS sends people whose console session has ended.
    pub issuer: String,
    /// The length of the console session, where AWS lets us choose it.
    pub duration: Option<Duration>,
    /// Whether somebody asked for that length this time, and would miss it.
    pub duration_asked: bool,
    /// The page that signs the browser out first, where a person asked for that.
    pub sign_out: Option<Url>,
}

impl SignIn {
    /// Plans the sign-in for a role. The partition is that of the role's ARN, not of the region.
    ///
    /// # Errors
    /// When the region or the destination is not of the role's partition.
    pub fn plan(
        role: &Role,
        console: &Console,
        endpoints: &Endpoints,
        issuer: &str,
    ) -> Result<Self, Problem> {
        let partition = role.arn.partition();
        let region = console.region.as_ref().or(role.region.as_ref());
        if let Some(region) = region
            && !partition.has_region(region.as_str())
        {
            return Err(Problem::usage(format!(
                "The role {} is in the partition {}, which has no region {}.",
                role.name,
                partition.id(),
                region.as_str()
            )));
        }
        let region = region.map(Region::as_str);
        let destination = console.destination.as_ref().or(role.destination.as_ref());
        let destination = destination.map(String::as_str);
        let issuer = console.issuer.as_deref().unwrap_or(issuer);
        check_issuer(issuer)?;
        if console
            .duration
            .is_some_and(|length| length > Duration::HALF_DAY)
        {
            return Err(Problem::usage("A console session lasts at most 12h."));
        }
        Ok(Self {
            federation: federation(partition, region, endpoints)?,
            destination: landing(partition, region, destination, endpoints)?,
            issuer: issuer.to_owned(),
            duration: console.duration.or(role.console_duration),
            duration_asked: console.duration.is_some(),
            sign_out: console
                .sign_out
                .then(|| sign_out(partition, endpoints))
                .transpose()?,
        })
    }

    /// The body of the POST that asks for a sign-in token. A body and not a query, so that the
    /// keys are in no proxy's log.
    pub fn token_form(
        credentials: &SessionCredentials,
        console_duration: Option<Duration>,
    ) -> Secret {
        let session = Zeroizing::new(
            serde_json::json!({
                "sessionId": credentials.access_key_id,
                "sessionKey": credentials.secret_access_key.expose(),
                "sessionToken": credentials.session_token.expose(),
            })
            .to_string(),
        );
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(session.len() * 3));
        form.append_pair("Action", "getSigninToken");
        if let Some(duration) = console_duration {
            form.append_pair("SessionDuration", &duration.seconds().to_string());
        }
        form.append_pair("Session", &session);
        Secret::new(form.finish())
    }

    /// The link that a browser opens: a bearer secret for [`LINK_MINUTES`].
    pub fn login_url(&self, signin_token: &Secret) -> Secret {
        let mut url = self.federation.clone();
        url.query_pairs_mut()
            .clear()
            .append_pair("Action", "login")
            .append_pair("Issuer", &self.issuer)
            .append_pair("Destination", self.destination.as_str())
            .append_pair("SigninToken", signin_token.expose());
        let login = Secret::new(url.into());
        match &self.sign_out {
            Some(page) => signed_out_first(page.clone(), &login),
            None => login,
        }
    }
}

/// The link behind AWS's own page for signing out, which leads on to it.
fn signed_out_first(mut page: Url, login: &Secret) -> Secret {
    page.query_pairs_mut()
        .clear()
        .append_pair("Action", "logout")
        .append_pair("redirect_uri", login.expose());
    Secret::new(page.into())
}

impl SignIn {
    /// The `SessionDuration` to send: none where AWS refuses it, which is for every session that
    /// was made from temporary credentials (AWS_RULES 3.5). A federated user's counts as one.
    ///
    /// # Errors
    /// When somebody asked for a length where none can be chosen: a link that works for longer than
    /// was meant is not to be given out.
    pub fn session_duration(
        &self,
        origin: Origin,
        role: &Role,
    ) -> Result<Option<Duration>, Problem> {
        match origin {
            Origin::LongTermKey => Ok(Some(self.duration.unwrap_or(role.wanted_duration()))),
            Origin::Temporary if self.duration_asked => Err(Problem::yours(
                Code::Usage,
                format!(
                    "AWS lets nobody choose how long a console session of {} lasts: it comes from a temporary session.",
                    role.name
                ),
                "Leave the duration out, or give the role `--session long`.",
            )),
            Origin::Temporary => Ok(None),
        }
    }
}

/// Checks where AWS is to send people afterwards.
///
/// # Errors
/// When it is no https address.
pub fn check_issuer(issuer: &str) -> Result<(), Problem> {
    match Url::parse(issuer) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(()),
        _ => Err(Problem::usage(format!(
            "The issuer must be an https address, not {issuer}."
        ))),
    }
}

/// The federation endpoint that signs people in to a partition's console, or the one set in its
/// place.
///
/// # Errors
/// When AWS publishes none for the partition, or it is no address.
pub fn federation(
    partition: Partition,
    region: Option<&str>,
    endpoints: &Endpoints,
) -> Result<Url, Problem> {
    let base = match &endpoints.signin {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None => format!(
            "https://{}{}",
            prefix(partition, region),
            hosts(partition)?.signin
        ),
    };
    parse(&format!("{base}/federation"))
}

/// The page that signs a browser out and leads on. Only that of the commercial partition, in this
/// one region, is known to lead on (AWS_RULES 3.5).
fn sign_out(partition: Partition, endpoints: &Endpoints) -> Result<Url, Problem> {
    match &endpoints.signin {
        Some(endpoint) => parse(&format!("{}/oauth", endpoint.trim_end_matches('/'))),
        None if partition == Partition::Aws => {
            parse("https://us-east-1.signin.aws.amazon.com/oauth")
        }
        None => Err(Problem::yours(
            Code::Failed,
            format!(
                "In the partition {}, AWS has no known link that signs a browser out first.",
                partition.id()
            ),
            "Sign out in the browser, then open the console.",
        )),
    }
}

fn hosts(partition: Partition) -> Result<ConsoleHosts, Problem> {
    partition.console().ok_or_else(|| {
        Problem::usage(format!(
            "AWS publishes no sign-in address of the partition {}; set signin and console under [endpoints] if you know them.",
            partition.id()
        ))
    })
}

/// `<region>.` for every region that does not stand for the bare host.
fn prefix(partition: Partition, region: Option<&str>) -> String {
    match region {
        Some(region) if region != partition.home_region() => format!("{region}."),
        _ => String::new(),
    }
}

fn landing(
    partition: Partition,
    region: Option<&str>,
    destination: Option<&str>,
    endpoints: &Endpoints,
) -> Result<Url, Problem> {
    let base = match &endpoints.console {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        // Only the commercial partition is known to have regional console hosts.
        None if partition == Partition::Aws => format!(
            "https://{}{}",
            prefix(partition, region),
            hosts(partition)?.console
        ),
        None => format!("https://{}", hosts(partition)?.console),
    };
    let destination = destination.unwrap_or_default().trim();
    if destination.contains("://") {
        let url = parse(destination)?;
        if on_console(&url, partition) || under(&url, &base) {
            return Ok(url);
        }
        return Err(Problem::usage(format!(
            "The destination must be on {} and begin with https://.",
            partition
                .console()
                .map_or(base.as_str(), |hosts| hosts.console)
        )));
    }
    if destination.chars().any(|c| c.is_control() || c == '\\') {
        return Err(Problem::usage(
            "The destination holds a character that no console path has.",
        ));
    }
    let path = destination.trim_start_matches('/');
    let path = match path {
        "" => "console/home".to_owned(),
        service if !service.contains(['/', '?', '#']) => format!("{service}/home"),
        path => path.to_owned(),
    };
    let mut url = parse(&format!("{base}/{path}"))?;
    if !under(&url, &base) {
        return Err(Problem::usage(
            "The destination leads away from the console.",
        ));
    }
    if let Some(region) = region
        && !url.query_pairs().any(|(key, _)| key == "region")
    {
        url.query_pairs_mut().append_pair("region", region);
    }
    Ok(url)
}

fn on_console(url: &Url, partition: Partition) -> bool {
    let host = url.host_str().unwrap_or_default();
    let Some(ConsoleHosts { console, .. }) = partition.console() else {
        return false;
    };
    let same = host == console
        || host
            .strip_suffix(console)
            .is_some_and(|sub| sub.ends_with('.'));
    same && url.scheme() == "https" && url.port().is_none() && without_user(url)
}

/// Whether a URL has the origin of `base` and a path beneath it, after dots are resolved.
fn under(url: &Url, base: &str) -> bool {
    let Ok(base) = Url::parse(base) else {
        return false;
    };
    let prefix = base.path().trim_end_matches('/');
    let beneath = url
        .path()
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.starts_with('/'));
    url.origin() == base.origin() && without_user(url) && beneath
}

fn without_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

fn parse(text: &str) -> Result<Url, Problem> {
    Url::parse(text).map_err(|_| Problem::usage(format!("{text:?} is not a place on the console.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{name::Name, role::SessionKind, session::tests::session};

    fn role(partition: &str) -> Role {
        let arn = format!("arn:{partition}:iam::111122223333:role/Admin");
        let role = Role::new(
            Name::parse("prod").unwrap(),
            Name::parse("work").unwrap(),
            arn.parse().unwrap(),
        );
        Role {
            session: SessionKind::Long,
            ..role
        }
    }

    fn console(region: Option<&str>, destination: &str) -> Console {
        Console {
            region: region.map(|region| Region::parse(region).unwrap()),
            destination: Some(destination.to_owned()),
            ..Console::of(Name::parse("prod").unwrap())
        }
    }

    fn plan(partition: &str, region: Option<&str>, destination: &str) -> Result<SignIn, Problem> {
        SignIn::plan(
            &role(partition),
            &console(region, destination),
            &Endpoints::default(),
            "https://example.com",
        )
    }

    #[test]
    fn r25_every_partition_has_its_own_hosts() {
        for (partition, region, signin, console) in [
            (
                "aws",
                None,
                "signin.aws.amazon.com",
                "console.aws.amazon.com",
            ),
            (
                "aws",
                Some("us-east-1"),
                "signin.aws.amazon.com",
                "console.aws.amazon.com",
            ),
            (
                "aws",
                Some("eu-west-1"),
                "eu-west-1.signin.aws.amazon.com",
                "eu-west-1.console.aws.amazon.com",
            ),
            (
                "aws-cn",
                Some("cn-north-1"),
                "signin.amazonaws.cn",
                "console.amazonaws.cn",
            ),
            (
                "aws-us-gov",
                None,
                "signin.amazonaws-us-gov.com",
                "console.amazonaws-us-gov.com",
            ),
            (
                "aws-eusc",
                None,
                "signin.amazonaws-eusc.eu",
                "console.amazonaws-eusc.eu",
            ),
        ] {
            let plan = plan(partition, region, "s3").unwrap();
            assert_eq!(
                plan.federation.as_str(),
                format!("https://{signin}/federation")
            );
            assert_eq!(plan.destination.host_str(), Some(console));
        }
    }

    #[test]
    fn services_paths_and_urls_are_destinations() {
        let land = |destination| {
            plan("aws", Some("eu-west-1"), destination)
                .unwrap()
                .destination
                .to_string()
        };
        let host = "https://eu-west-1.console.aws.amazon.com";
        assert_eq!(land(""), format!("{host}/console/home?region=eu-west-1"));
        assert_eq!(land("s3"), format!("{host}/s3/home?region=eu-west-1"));
        assert_eq!(
            land("s3/buckets/logs"),
            format!("{host}/s3/buckets/logs?region=eu-west-1")
        );
        assert_eq!(
            land("https://console.aws.amazon.com/iam/home?a=1&b=2#/users"),
            "https://console.aws.amazon.com/iam/home?a=1&b=2#/users"
        );
    }

    /// T14: nothing but https on the partition's own console, however it is written.
    #[test]
    fn t14_foreign_destinations_are_refused() {
        for bad in [
            "https://evil.test/",
            "https://console.aws.amazon.com.evil.test/",
            "https://evilconsole.aws.amazon.com/",
            "https://console.aws.amazon.com@evil.test/",
            "https://user@console.aws.amazon.com/",
            "http://console.aws.amazon.com/",
            "https://console.aws.amazon.com:8443/",
            "https://console.amazonaws.cn/",
            "javascript://console.aws.amazon.com/%0aalert(1)",
            "file://console.aws.amazon.com/etc/passwd",
            "s3\nHost: evil",
            "..\\..",
        ] {
            assert!(plan("aws", None, bad).is_err(), "{bad:?} was taken");
        }
        assert!(plan("aws-cn", Some("eu-west-1"), "s3").is_err());
    }

    proptest::proptest! {
        /// T14: whatever is asked for, the browser is sent to https on the partition's console.
        #[test]
        fn t14_any_destination_stays_on_the_console(text in "\\PC{0,80}") {
            if let Ok(plan) = plan("aws", None, &text) {
                proptest::prop_assert_eq!(plan.destination.scheme(), "https");
                let host = plan.destination.host_str().unwrap_or_default();
                proptest::prop_assert!(host == "console.aws.amazon.com" || host.ends_with(".console.aws.amazon.com"));
            }
        }
    }

    #[test]
    fn the_console_endpoint_s_path_is_kept() {
        let endpoints = Endpoints {
            signin: Some("http://127.0.0.1:1/".to_owned()),
            console: Some("http://127.0.0.1:1/console".to_owned()),
            ..Endpoints::default()
        };
        let plan = |to: &str| {
            SignIn::plan(
                &role("aws"),
                &console(None, to),
                &endpoints,
                "https://x.test",
            )
        };
        assert_eq!(
            plan("s3").unwrap().destination.as_str(),
            "http://127.0.0.1:1/console/s3/home"
        );
        assert!(plan("../_control").is_err());
        assert!(plan("a/%2e%2e/%2e%2e/x").is_err());
    }

    #[test]
    fn r25_session_duration_only_where_aws_allows_it() {
        let length = |console: &Console, origin| {
            let role = role("aws");
            SignIn::plan(&role, console, &Endpoints::default(), "https://x.test")
                .unwrap()
                .session_duration(origin, &role)
        };
        let mut asked = console(None, "");
        assert_eq!(length(&asked, Origin::Temporary), Ok(None));
        assert_eq!(
            length(&asked, Origin::LongTermKey),
            Ok(Some(Duration::HOUR))
        );
        asked.duration = Some(Duration::HALF_DAY);
        assert_eq!(
            length(&asked, Origin::LongTermKey),
            Ok(Some(Duration::HALF_DAY))
        );
        let why = length(&asked, Origin::Temporary).unwrap_err();
        assert!(why.what.contains("lets nobody choose"), "{why}");
    }

    #[test]
    fn signing_out_first_is_asked_for_and_leads_on_to_the_same_link() {
        let token = Secret::new("t&k=n".to_owned());
        let link = |sign_out| {
            let asked = Console {
                sign_out,
                ..console(None, "s3/home?a=1&b=2")
            };
            let none = Endpoints::default();
            let plan = SignIn::plan(&role("aws"), &asked, &none, "https://x.test").unwrap();
            Url::parse(plan.login_url(&token).expose()).unwrap()
        };
        let (plain, behind) = (link(false), link(true));
        assert_eq!(plain.path(), "/federation");
        assert_eq!(
            behind[..url::Position::AfterPath],
            *"https://us-east-1.signin.aws.amazon.com/oauth"
        );
        let pairs: Vec<_> = behind.query_pairs().collect();
        assert_eq!(pairs[0], ("Action".into(), "logout".into()));
        assert_eq!(pairs[1], ("redirect_uri".into(), plain.as_str().into()));
        assert_eq!(pairs.len(), 2);
    }

    #[test]
    fn where_no_link_signs_out_nothing_is_opened_instead() {
        let asked = Console {
            sign_out: true,
            ..console(None, "")
        };
        let none = Endpoints::default();
        let why = SignIn::plan(&role("aws-cn"), &asked, &none, "https://x.test").unwrap_err();
        assert!(why.what.contains("aws-cn"), "{why}");
        assert!(why.todo.contains("Sign out in the browser"), "{why}");
    }

    #[test]
    fn a_partition_without_a_known_console_says_so() {
        let problem = plan("aws-iso", None, "").unwrap_err();
        assert!(problem.what.contains("aws-iso"), "{problem}");
    }

    #[test]
    fn everything_in_link_and_form_is_encoded() {
        let plan = plan("aws", None, "s3/home?a=1&b=c d").unwrap();
        let url = plan.login_url(&Secret::new("t&k=n".to_owned()));
        assert!(url.expose().contains(
            "Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome%3Fa%3D1%26b%3Dc%2520d"
        ));
        assert!(url.expose().ends_with("&SigninToken=t%26k%3Dn"));
        let credentials = session(0, 1, Origin::Temporary).credentials;
        let form = SignIn::token_form(&credentials, Some(Duration::HOUR));
        assert!(
            form.expose().starts_with(
                "Action=getSigninToken&SessionDuration=3600&Session=%7B%22sessionId%22"
            )
        );
    }
}
