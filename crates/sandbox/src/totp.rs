//! RFC 6238 with SHA-1, six digits and 30 seconds: what AWS's virtual MFA devices use.

use chrono::{DateTime, Utc};

use crate::hmac_sha::hmac_sha1;

const STEP_SECONDS: i64 = 30;
const CODES: u32 = 1_000_000;

/// The 30-second step that `time` falls in.
pub(crate) fn step_at(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(STEP_SECONDS)
}

/// How long the code that is shown at `time` stays the current one.
pub(crate) fn seconds_left(time: DateTime<Utc>) -> i64 {
    STEP_SECONDS - time.timestamp().rem_euclid(STEP_SECONDS)
}

/// The six digits of `step`.
pub(crate) fn code(key: &[u8], step: i64) -> String {
    let mac = hmac_sha1(key, &step.to_be_bytes());
    format!("{:06}", truncate(&mac) % CODES)
}

/// The step within one of `time`'s that has this code (RFC 6238, section 5.2, allows for one step of drift).
pub(crate) fn matching_step(key: &[u8], time: DateTime<Utc>, given: &str) -> Option<i64> {
    let current = step_at(time);
    [current, current - 1, current + 1]
        .into_iter()
        .find(|step| code(key, *step) == given)
}

/// Dynamic truncation: RFC 4226, section 5.3.
fn truncate(mac: &[u8; 20]) -> u32 {
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 0xf);
    let word = mac.iter().skip(offset).take(4);
    word.fold(0, |value, byte| (value << 8) | u32::from(*byte)) & 0x7fff_ffff
}

/// Decodes base32 (RFC 4648) as authenticator apps take it: any case, padding optional.
pub(crate) fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter.to_ascii_uppercase() {
            upper @ b'A'..=b'Z' => upper - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// RFC 6238, appendix B, the SHA-1 rows; the last six of its eight digits.
    #[test]
    fn gives_the_codes_of_rfc_6238() {
        let rows = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(
                code(b"12345678901234567890", step_at(at(seconds))),
                expected
            );
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn gives_the_codes_of_rfc_4226() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, expected) in (0..).zip(codes) {
            assert_eq!(code(b"12345678901234567890", step), expected);
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn decodes_base32() {
        let rows: [(&str, &[u8]); 7] = [
            ("", b""),
            ("MY======", b"f"),
            ("MZXQ====", b"fo"),
            ("MZXW6===", b"foo"),
            ("MZXW6YQ=", b"foob"),
            ("mzxw6ytb", b"fooba"),
            ("MZXW6YTBOI", b"foobar"),
        ];
        for (text, expected) in rows {
            assert_eq!(base32(text).as_deref(), Some(expected));
        }
        assert_eq!(base32("MZXW1"), None);
        assert_eq!(base32("MZ XW"), None);
    }

    #[test]
    fn accepts_one_step_of_drift_and_no_more() {
        let key = b"12345678901234567890";
        let now = at(1_111_111_111);
        let current = step_at(now);
        for drift in -1..=1 {
            let step = current + drift;
            assert_eq!(matching_step(key, now, &code(key, step)), Some(step));
        }
        for drift in [-2, 2] {
            assert_eq!(matching_step(key, now, &code(key, current + drift)), None);
        }
        assert_eq!(matching_step(key, now, ""), None);
    }

    #[test]
    fn counts_down() {
        assert_eq!(seconds_left(at(60)), 30);
        assert_eq!(seconds_left(at(89)), 1);
    }
}
