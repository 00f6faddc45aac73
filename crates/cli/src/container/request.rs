//! Which request is answered: the one that an SDK with the token makes, and no other (T3).

use subtle::ConstantTimeEq;

use super::PATH;

/// The longest head of a request. T3 suggests 1 KiB, which SDKs keep to; but a program that is
/// traced adds headers of its own (W3C `tracestate` and `baggage`), and would find no credentials.
pub(super) const MAX_HEAD: usize = 8 * 1024;
const MAX_HEADERS: usize = 64;

/// Headers that only browsers and proxies send.
const FOREIGN: [&str; 3] = ["origin", "forwarded", "referer"];
const FOREIGN_PREFIXES: [&str; 2] = ["sec-", "x-forwarded-"];

/// What to do with what has come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Read on.
    Incomplete,
    /// Answer without a credential byte.
    Refused,
    /// Serve it.
    Accepted,
}

/// Judges the head of a request.
pub(super) fn judge(head: &[u8], authority: &str, token: &str) -> Verdict {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) if is_allowed(&request, authority, token) => {
            Verdict::Accepted
        }
        Ok(httparse::Status::Partial) if head.len() < MAX_HEAD => Verdict::Incomplete,
        Ok(_) | Err(_) => Verdict::Refused,
    }
}

fn is_allowed(request: &httparse::Request<'_, '_>, authority: &str, token: &str) -> bool {
    // The path alone: no query, no scheme and host in front of it.
    if request.method != Some("GET") || request.path != Some(PATH) {
        return false;
    }
    let foreign = request.headers.iter().any(|header| {
        let name = header.name.to_ascii_lowercase();
        FOREIGN.contains(&name.as_str())
            || FOREIGN_PREFIXES
                .iter()
                .any(|prefix| name.starts_with(prefix))
    });
    if foreign || !is_without_body(request) {
        return false;
    }
    // Exact: a prefix would let a rebound name through (T3).
    let host = only(request, "host").is_some_and(|host| host == authority.as_bytes());
    let token =
        only(request, "authorization").is_some_and(|sent| bool::from(sent.ct_eq(token.as_bytes())));
    host && token
}

fn is_without_body(request: &httparse::Request<'_, '_>) -> bool {
    request.headers.iter().all(|header| {
        let name = header.name.to_ascii_lowercase();
        match name.as_str() {
            "content-length" => header.value == b"0",
            "transfer-encoding" | "upgrade" => false,
            _ => true,
        }
    })
}

/// The value of a header that is there exactly once.
fn only<'a>(request: &httparse::Request<'_, 'a>, name: &str) -> Option<&'a [u8]> {
    let mut values = request
        .headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name));
    let value = values.next()?.value;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = "127.0.0.1:4711";
    const TOKEN: &str = "0123456789abcdef";

    fn verdict(head: &str) -> Verdict {
        judge(head.as_bytes(), AUTHORITY, TOKEN)
    }

    #[test]
    fn t3_what_an_sdk_sends_is_accepted() {
        let head = format!(
            "GET /credentials HTTP/1.1\r\nhost: {AUTHORITY}\r\nAccept: application/json\r\nAuthorization: {TOKEN}\r\nUser-Agent: Boto3/1.40 {}\r\nContent-Length: 0\r\n\r\n",
            "x".repeat(2_000)
        );
        assert_eq!(verdict(&head), Verdict::Accepted);
        for end in [1, 20, head.len() - 1] {
            assert_eq!(verdict(&head[..end]), Verdict::Incomplete, "{end}");
        }
    }

    #[test]
    fn t3_a_head_without_an_end_is_refused() {
        let head = format!("GET /credentials HTTP/1.1\r\nX: {}", "x".repeat(MAX_HEAD));
        assert_eq!(verdict(&head), Verdict::Refused);
    }

    proptest::proptest! {
        #[test]
        fn t3_any_bytes_are_judged(bytes: Vec<u8>) {
            proptest::prop_assert_ne!(judge(&bytes, AUTHORITY, TOKEN), Verdict::Accepted);
        }

        #[test]
        fn t3_no_other_token_opens(token in "[ -~]{0,64}") {
            proptest::prop_assume!(token.trim() != TOKEN);
            let head = format!("GET /credentials HTTP/1.1\r\nHost: {AUTHORITY}\r\nAuthorization: {token}\r\n\r\n");
            proptest::prop_assert_eq!(verdict(&head), Verdict::Refused);
        }
    }
}
