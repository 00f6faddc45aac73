//! Where the proxy is, without the name and password that its address may have.

use url::Url;

/// The variables that name a proxy for https, in the order in which the HTTP stack looks.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// A proxy's host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProxyAddress {
    pub(super) host: String,
    pub(super) port: u16,
}

impl ProxyAddress {
    /// Reads an address, with or without a scheme.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = match text.contains("://") {
            true => text.to_owned(),
            false => format!("http://{text}"),
        };
        let url = Url::parse(&text).ok()?;
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default().unwrap_or(1_080),
        })
    }

    /// The environment's, if it sets one.
    pub(super) fn of_environment() -> Option<Self> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        VARIABLES
            .into_iter()
            .find_map(set)
            .and_then(|text| Self::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_password_is_no_part_of_where_it_is() {
        for (text, host, port) in [
            (
                "http://ada:CANARY@proxy.example.com:8080/",
                "proxy.example.com",
                8_080,
            ),
            ("proxy.example.com:3128", "proxy.example.com", 3_128),
            ("https://proxy.example.com", "proxy.example.com", 443),
            ("http://[::1]:3128", "[::1]", 3_128),
        ] {
            let address = ProxyAddress::parse(text).unwrap();
            assert_eq!((address.host.as_str(), address.port), (host, port));
        }
        assert_eq!(ProxyAddress::parse("http://"), None);
    }
}
