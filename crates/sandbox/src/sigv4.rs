//! Signature Version 4, as the receiving side computes it (IAM User Guide, "Create a signed AWS API request").

use chrono::{DateTime, NaiveDateTime, Utc};
use subtle::ConstantTimeEq;

use crate::hmac_sha::{hex, hmac_sha256, sha256_hex};
use crate::http::Request;

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
pub(crate) const TERMINATOR: &str = "aws4_request";

/// What an `Authorization` header says.
#[derive(Debug)]
pub(crate) struct Authorization {
    pub(crate) access_key_id: String,
    pub(crate) scope: Scope,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
}

/// What a signature is good for.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) terminator: String,
}

impl Authorization {
    /// Reads the header; the error is what AWS says of an incomplete one.
    pub(crate) fn parse(header: &str) -> Result<Self, String> {
        let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(format!("Unsupported AWS 'algorithm': '{algorithm}'."));
        }
        let part = |name: &str| {
            rest.split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .filter(|value| !value.is_empty())
        };
        let missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
            .into_iter()
            .filter(|name| part(name).is_none())
            .map(|name| format!("Authorization header requires '{name}' parameter."))
            .collect();
        let (Some(credential), Some(signature), Some(headers)) =
            (part("Credential"), part("Signature"), part("SignedHeaders"))
        else {
            return Err(missing.join(" "));
        };
        let (access_key_id, scope) = Scope::parse(credential).ok_or_else(|| {
            format!(
                "Credential must have exactly 5 slash-delimited elements, \
                 e.g. keyid/date/region/service/term, got '{credential}'"
            )
        })?;
        Ok(Self {
            access_key_id,
            scope,
            signed_headers: headers.split(';').map(str::to_ascii_lowercase).collect(),
            signature: signature.to_owned(),
        })
    }

    /// Whether the signature is this secret's for this request; takes the same time wherever the two differ.
    pub(crate) fn verifies(&self, request: &Request, timestamp: &str, secret: &str) -> bool {
        let canonical = canonical_request(request, &self.signed_headers);
        let expected = signature(secret, &self.scope, timestamp, &canonical);
        expected.as_bytes().ct_eq(self.signature.as_bytes()).into()
    }

    pub(crate) fn signs(&self, header: &str) -> bool {
        self.signed_headers.iter().any(|name| name == header)
    }
}

impl Scope {
    fn parse(credential: &str) -> Option<(String, Self)> {
        let mut parts = credential.split('/').map(str::to_owned);
        let key = parts.next()?;
        let scope = Self {
            date: parts.next()?,
            region: parts.next()?,
            service: parts.next()?,
            terminator: parts.next()?,
        };
        parts.next().is_none().then_some((key, scope))
    }
}

/// `20150830T123600Z`.
pub(crate) fn basic_format(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Reads `20150830T123600Z`.
pub(crate) fn parse_basic_format(text: &str) -> Option<DateTime<Utc>> {
    let time = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(time.and_utc()).filter(|time| basic_format(*time) == text)
}

fn signature(secret: &str, scope: &Scope, timestamp: &str, canonical: &str) -> String {
    let Scope {
        date,
        region,
        service,
        terminator,
    } = scope;
    let hash = sha256_hex(canonical.as_bytes());
    let to_sign =
        format!("{ALGORITHM}\n{timestamp}\n{date}/{region}/{service}/{terminator}\n{hash}");
    let key = [date, region, service, terminator]
        .into_iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            hmac_sha256(&key, part.as_bytes()).to_vec()
        });
    hex(&hmac_sha256(&key, to_sign.as_bytes()))
}

fn canonical_request(request: &Request, signed_headers: &[String]) -> String {
    let headers: String = signed_headers
        .iter()
        .map(|name| format!("{name}:{}\n", canonical_header(request, name)))
        .collect();
    format!(
        "{}\n{}\n{}\n{headers}\n{}\n{}",
        request.method,
        canonical_path(&request.path),
        canonical_query(&request.query),
        signed_headers.join(";"),
        sha256_hex(&request.body),
    )
}

/// All values of a header, each trimmed and with its runs of spaces made one.
fn canonical_header(request: &Request, name: &str) -> String {
    let values: Vec<String> = request
        .headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    values.join(",")
}

/// The path without empty and dot segments, encoded once. The API itself has only `/`.
fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(encode(&decode(name))),
        }
    }
    let trailing = path.ends_with('/') && !segments.is_empty();
    format!("/{}{}", segments.join("/"), if trailing { "/" } else { "" })
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(&decode(name)), encode(&decode(value))))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

/// Undoes percent-encoding; a stray percent sign stays.
fn decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if let (b'%', Some((pair, after_pair))) = (first, after.split_first_chunk::<2>())
            && let Some(byte) = hex_byte(*pair)
        {
            decoded.push(byte);
            rest = after_pair;
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    decoded
}

fn hex_byte(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}

#[cfg(test)]
mod tests;
