//! Where a sign-in link leads.

use url::{Host, Url, form_urlencoded};

/// The path of this sandbox's console.
pub(crate) const CONSOLE: &str = "/console";

/// What a URL of this sandbox begins with, but for the name of the loopback address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) scheme: &'static str,
    pub(crate) port: u16,
}

/// A console page: of this sandbox, or of AWS in the role's partition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Here(Url),
    Aws(Url),
}

/// AWS_RULES 3.5: console host and default region of each partition.
const PARTITIONS: [(&str, &str, &str); 4] = [
    ("aws", "console.aws.amazon.com", "us-east-1"),
    ("aws-cn", "console.amazonaws.cn", "cn-north-1"),
    (
        "aws-us-gov",
        "console.amazonaws-us-gov.com",
        "us-gov-west-1",
    ),
    ("aws-eusc", "console.amazonaws-eusc.eu", "eusc-de-east-1"),
];

impl Destination {
    /// Accepts a page of the console, and nothing that would make the endpoint an open redirect.
    pub(crate) fn parse(text: &str, partition: &str, here: Origin) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        if is_here(&url, here) {
            return Some(Self::Here(url));
        }
        let (_, console, _) = partition_row(partition)?;
        let host = url.host_str()?;
        let is_console = host == console
            || host
                .strip_suffix(console)
                .is_some_and(|prefix| prefix.ends_with('.'));
        let is_aws = url.scheme() == "https" && url.port().is_none() && is_console;
        is_aws.then_some(Self::Aws(url))
    }

    /// What the login's redirect says.
    pub(crate) fn location(&self) -> String {
        match self {
            Self::Here(url) => url[url::Position::BeforePath..].to_owned(),
            Self::Aws(url) => {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("destination", url.as_str())
                    .finish();
                format!("{CONSOLE}/?{query}")
            }
        }
    }

    /// The region that the page is about.
    pub(crate) fn region(&self, partition: &str) -> String {
        let (Self::Here(url) | Self::Aws(url)) = self;
        let in_query = url
            .query_pairs()
            .find(|(name, _)| name == "region")
            .map(|(_, region)| region.into_owned());
        let row = partition_row(partition);
        let in_host = row.and_then(|(_, console, _)| {
            let prefix = url.host_str()?.strip_suffix(console)?.strip_suffix('.')?;
            prefix.rsplit('.').find(|label| looks_like_region(label))
        });
        in_query
            .filter(|region| looks_like_region(region))
            .or_else(|| in_host.map(str::to_owned))
            .unwrap_or_else(|| row.map_or("us-east-1", |(_, _, region)| region).to_owned())
    }
}

fn partition_row(partition: &str) -> Option<(&'static str, &'static str, &'static str)> {
    PARTITIONS.into_iter().find(|(name, ..)| *name == partition)
}

fn is_here(url: &Url, here: Origin) -> bool {
    let path = url.path();
    let is_console = path == CONSOLE || path.starts_with("/console/");
    is_console && has_origin(url, here)
}

/// Whether a URL is of this sandbox.
pub(crate) fn has_origin(url: &Url, here: Origin) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let same_origin = url.scheme() == here.scheme && url.port_or_known_default() == Some(here.port);
    is_loopback && same_origin
}

/// `eu-west-1`, `us-gov-west-1`, `eusc-de-east-1`.
fn looks_like_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lower = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [names @ .., number] => {
            names.len() >= 2
                && names.iter().all(lower)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Origin = Origin {
        scheme: "http",
        port: 4000,
    };

    #[test]
    fn pages_of_the_console_are_accepted() {
        let rows = [
            ("aws", "http://127.0.0.1:4000/console", "/console"),
            (
                "aws",
                "http://localhost:4000/console/s3?a=b&c=d#e",
                "/console/s3?a=b&c=d#e",
            ),
            (
                "aws",
                "https://console.aws.amazon.com/s3/home?region=eu-west-1",
                "/console/?destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Deu-west-1",
            ),
            (
                "aws-cn",
                "https://console.amazonaws.cn/",
                "/console/?destination=https%3A%2F%2Fconsole.amazonaws.cn%2F",
            ),
            (
                "aws-us-gov",
                "https://us-gov-east-1.console.amazonaws-us-gov.com/",
                "/console/?destination=https%3A%2F%2Fus-gov-east-1.console.amazonaws-us-gov.com%2F",
            ),
        ];
        for (partition, text, location) in rows {
            let destination = Destination::parse(text, partition, HERE);
            assert_eq!(
                destination.map(|found| found.location()).as_deref(),
                Some(location),
                "{text}"
            );
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let rows = [
            ("aws", ""),
            ("aws", "console"),
            ("aws", "javascript:alert(1)"),
            ("aws", "https://example.com/console"),
            ("aws", "https://console.aws.amazon.com.example.com/"),
            ("aws", "https://evilconsole.aws.amazon.com/"),
            ("aws", "https://user@console.aws.amazon.com/"),
            ("aws", "http://console.aws.amazon.com/"),
            ("aws", "https://console.amazonaws.cn/"),
            ("aws-cn", "https://console.aws.amazon.com/"),
            ("aws-us-gov", "https://console.aws.amazon.com/"),
            ("aws", "http://127.0.0.1:4001/console"),
            ("aws", "https://127.0.0.1:4000/console"),
            ("aws", "http://127.0.0.1:4000/console/../_sandbox/clock"),
            ("aws", "http://127.0.0.1:4000/consoles"),
            ("aws", "http://127.0.0.1:4000//evil.example/console"),
            ("aws-unknown", "https://console.aws.amazon.com/"),
        ];
        for (partition, text) in rows {
            assert_eq!(Destination::parse(text, partition, HERE), None, "{text}");
        }
    }

    #[test]
    fn the_region_comes_from_the_query_the_host_or_the_partition() {
        let rows = [
            (
                "aws",
                "https://console.aws.amazon.com/s3?region=eu-west-1",
                "eu-west-1",
            ),
            (
                "aws",
                "https://eu-north-1.console.aws.amazon.com/s3",
                "eu-north-1",
            ),
            (
                "aws",
                "https://console.aws.amazon.com/?region=%3Cb%3E",
                "us-east-1",
            ),
            (
                "aws",
                "http://127.0.0.1:4000/console/?region=ap-south-1",
                "ap-south-1",
            ),
            ("aws-cn", "https://console.amazonaws.cn/", "cn-north-1"),
            (
                "aws-us-gov",
                "https://console.amazonaws-us-gov.com/",
                "us-gov-west-1",
            ),
        ];
        for (partition, text, region) in rows {
            let destination = Destination::parse(text, partition, HERE);
            assert_eq!(
                destination.map(|found| found.region(partition)).as_deref(),
                Some(region),
                "{text}"
            );
        }
    }
}
