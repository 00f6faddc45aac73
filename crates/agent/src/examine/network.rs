//! Whether AWS can be reached, and by which way.

use std::collections::BTreeSet;

use daypass_core::{
    config::{Config, Endpoints},
    finding::Finding,
    partition::Partition,
    role::Role,
};
use futures_util::future::join_all;

use super::Stopwatch;
use crate::ports::{Endpoint, Network, Reach, Reached, Service};

/// More than AWS has regions; a config file may name what it likes.
const MOST: usize = 64;

/// The endpoints that what is configured leads to; without a role, those that a first one needs.
pub(crate) fn endpoints_in_use(
    config: &Config,
    set: &Endpoints,
    partition: Partition,
    secret_regions: impl Iterator<Item = String>,
) -> Vec<Endpoint> {
    let home = partition.home_region();
    let mut endpoints = BTreeSet::new();
    let mut add = |service, region: &str, set: &Option<String>| {
        // One that is set in AWS's place is the same for all regions.
        let region = if set.is_some() { home } else { region };
        endpoints.insert(Endpoint {
            service,
            region: region.to_owned(),
        });
    };
    for role in &config.roles {
        add(Service::Sts, region_of(role), &set.sts);
        add(Service::SignIn, region_of(role), &set.signin);
    }
    if config.roles.is_empty() {
        add(Service::SignIn, home, &set.signin);
    }
    // A key's own calls: whose it is, MFA sessions, its age and its replacement.
    if config.roles.is_empty() || config.identities.iter().any(|identity| !identity.ambient) {
        add(Service::Sts, home, &set.sts);
        add(Service::Iam, home, &set.iam);
    }
    for region in secret_regions {
        add(Service::SecretsManager, &region, &set.secretsmanager);
    }
    endpoints.into_iter().take(MOST).collect()
}

fn region_of(role: &Role) -> &str {
    let home = role.arn.partition().home_region();
    role.region.as_ref().map_or(home, |region| region.as_str())
}

pub(super) async fn endpoints(network: &dyn Network, endpoints: Vec<Endpoint>) -> Vec<Finding> {
    let looks = endpoints.into_iter().map(|endpoint| async move {
        let watch = Stopwatch::start();
        let about = name(&endpoint);
        let reached = network.reach(endpoint).await;
        of_endpoint(about, &reached, &watch.words())
    });
    join_all(looks).await
}

fn name(endpoint: &Endpoint) -> String {
    let region = &endpoint.region;
    match endpoint.service {
        Service::Sts => format!("sts {region}"),
        Service::SignIn => format!("sign-in {region}"),
        Service::Iam => "iam".to_owned(),
        Service::SecretsManager => format!("secretsmanager {region}"),
    }
}

fn of_endpoint(about: String, reached: &Reached, took: &str) -> Finding {
    let address = &reached.address;
    let (what, todo) = match reached.reach {
        Reach::Answer => return Finding::ok(about, format!("{address} answers, in {took}.")),
        Reach::Stranger => (
            format!("Something other than AWS answers in place of {address}."),
            "Open a web page to sign in to this network; ask its people whether they let AWS through.",
        ),
        Reach::NoSuchName => (
            format!("The name in {address} is not found."),
            "Check that this computer is online, and its VPN if the name is of a private network.",
        ),
        Reach::Refused => (
            format!("{address} cannot be connected to: it is refused."),
            "Check the network and its firewall, and [endpoints] in config.toml if the address is set there.",
        ),
        Reach::Silence => (
            format!("{address} does not answer, after {took}."),
            "Check the network; where only a proxy leads outside, set proxy in config.toml and start Daypass again.",
        ),
        Reach::Untrusted => (
            format!("{address} shows a certificate that this computer does not trust."),
            "Open a web page to sign in to this network; where a company looks into connections, set ca_bundle in config.toml and start Daypass again.",
        ),
        Reach::ProxyRefused => (
            format!("The proxy does not connect to {address}."),
            "Check that it lets AWS through, and the name and password in its address.",
        ),
        Reach::Broken => (
            format!("The connection to {address} broke, after {took}."),
            "Check the network, and try again.",
        ),
        Reach::Nowhere => (
            format!("AWS has no such endpoint in {address}."),
            "Check the role's region, or set the address under [endpoints] in config.toml.",
        ),
    };
    Finding::broken(about, what, todo)
}

/// The proxy that is set, if one is.
pub(super) async fn proxy(network: &dyn Network) -> Finding {
    const ABOUT: &str = "proxy";
    let watch = Stopwatch::start();
    let Some(Reached { address, reach }) = network.reach_proxy().await else {
        return Finding::ok(ABOUT, "No proxy is set.");
    };
    let why = match reach {
        Reach::Answer => {
            let what = format!("{address} takes connections, in {}.", watch.words());
            return Finding::ok(ABOUT, what);
        }
        Reach::NoSuchName => "its name is not found",
        Reach::Refused => "the connection is refused",
        _ => "it does not answer",
    };
    Finding::broken(
        ABOUT,
        format!("{address} cannot be connected to: {why}."),
        "Correct proxy in config.toml, or HTTPS_PROXY where Daypass is started, and start it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(text: &str, secrets: &[&str]) -> Vec<String> {
        let config: Config = toml_edit::de::from_str(text).unwrap();
        let secrets = secrets.iter().map(|region| (*region).to_owned());
        let first = config.roles.first();
        let partition = first.map_or(Partition::Aws, |role| role.arn.partition());
        let found = endpoints_in_use(&config, &config.endpoints, partition, secrets);
        found.iter().map(name).collect()
    }

    #[test]
    fn what_is_in_use_is_looked_at_and_nothing_else() {
        assert_eq!(
            endpoints("", &[]),
            ["sts us-east-1", "sign-in us-east-1", "iam"]
        );
        let roles = "[[identity]]\nname = \"here\"\nambient = true\n[[role]]\nname = \"a\"\nidentity = \"here\"\narn = \"arn:aws-cn:iam::111122223333:role/A\"\n[[role]]\nname = \"b\"\nidentity = \"here\"\nregion = \"cn-northwest-1\"\narn = \"arn:aws-cn:iam::111122223333:role/B\"\n";
        assert_eq!(
            endpoints(roles, &["cn-north-1"]),
            [
                "sts cn-north-1",
                "sts cn-northwest-1",
                "sign-in cn-north-1",
                "sign-in cn-northwest-1",
                "secretsmanager cn-north-1"
            ]
        );
        let set = format!("{roles}[endpoints]\nsts = \"http://127.0.0.1:1\"\n");
        assert_eq!(endpoints(&set, &[])[0], "sts cn-north-1");
        assert_eq!(endpoints(&set, &[]).len(), 3);
    }
}
