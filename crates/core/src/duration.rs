//! Lengths of sessions, as people write them.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The length of a session in seconds, within what any STS call allows (AWS_RULES 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration(u32);

impl Duration {
    /// The shortest session that STS gives: 15 minutes.
    pub const MIN: Self = Self(900);
    /// One hour: the longest role session from temporary credentials (role chaining).
    pub const HOUR: Self = Self(3_600);
    /// Twelve hours: the longest role session and console session.
    pub const HALF_DAY: Self = Self(43_200);
    /// Thirty-six hours: the longest MFA session.
    pub const MAX_MFA: Self = Self(129_600);

    /// Reads `1h`, `90m`, `1h30m`, `3600s` or `3600`.
    ///
    /// # Errors
    /// When the text is not a duration, or outside 15 minutes to 36 hours.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let seconds = seconds(text).ok_or_else(|| {
            Problem::usage(format!(
                "{text:?} is not a duration. Write it like 1h, 90m or 3600."
            ))
        })?;
        let duration = u32::try_from(seconds).map_or(Self(u32::MAX), Self);
        if duration < Self::MIN || duration > Self::MAX_MFA {
            return Err(Problem::usage(format!(
                "A session lasts between 15 minutes and 36 hours, not {text}."
            )));
        }
        Ok(duration)
    }

    /// From seconds, pressed into what STS allows.
    pub fn clamped(seconds: u32) -> Self {
        Self(seconds.clamp(Self::MIN.0, Self::MAX_MFA.0))
    }

    /// In seconds, the unit of STS and of the sign-in endpoint.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// For arithmetic on instants.
    pub fn delta(self) -> chrono::TimeDelta {
        chrono::TimeDelta::seconds(i64::from(self.0))
    }
}

impl TryFrom<String> for Duration {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Duration {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.to_string()
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_seconds(self.0, f)
    }
}

fn write_seconds(total: u32, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let (hours, minutes, seconds) = (total / 3_600, total / 60 % 60, total % 60);
    if hours > 0 {
        write!(f, "{hours}h")?;
    }
    if minutes > 0 {
        write!(f, "{minutes}m")?;
    }
    if seconds > 0 {
        write!(f, "{seconds}s")?;
    }
    Ok(())
}

/// How long nobody may ask for anything before Daypass locks itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdleTime(u32);

impl IdleTime {
    /// Reads what [`Duration::parse`] reads.
    ///
    /// # Errors
    /// When the text is not a duration, or less than a minute.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        seconds(text)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .filter(|seconds| *seconds >= 60)
            .map(Self)
            .ok_or_else(|| {
                Problem::usage(format!(
                    "{text:?} is not an idle time of at least a minute. Write it like 30m or 2h."
                ))
            })
    }

    /// For arithmetic on instants.
    pub fn delta(self) -> chrono::TimeDelta {
        chrono::TimeDelta::seconds(i64::from(self.0))
    }
}

impl TryFrom<String> for IdleTime {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<IdleTime> for String {
    fn from(time: IdleTime) -> Self {
        time.to_string()
    }
}

impl std::fmt::Display for IdleTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_seconds(self.0, f)
    }
}

fn seconds(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut total: u64 = 0;
    let mut rest = text;
    let mut largest_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit = match tail.chars().next()? {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        if unit >= largest_unit {
            return None;
        }
        largest_unit = unit;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = tail.get(1..)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, seconds) in [
            ("1h", 3_600),
            ("90m", 5_400),
            ("1h30m", 5_400),
            ("3600", 3_600),
            ("900s", 900),
            ("36h", 129_600),
        ] {
            assert_eq!(Duration::parse(text).unwrap().seconds(), seconds, "{text}");
        }
    }

    #[test]
    fn refuses_what_aws_would_refuse_and_what_is_no_duration() {
        for bad in [
            "",
            "h",
            "14m",
            "37h",
            "1d",
            "1m1h",
            "1h1h",
            "-1h",
            "1.5h",
            "99999999999999999999h",
            "1 h",
            "é",
        ] {
            assert!(Duration::parse(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn an_idle_time_is_a_minute_or_more() {
        let seconds = |text| IdleTime::parse(text).map(|time| time.delta().num_seconds());
        assert_eq!(seconds("2h"), Ok(7_200));
        assert_eq!(seconds("60"), Ok(60));
        assert_eq!(IdleTime::parse("90m").unwrap().to_string(), "1h30m");
        for bad in ["59", "", "soon", "99999999999h"] {
            assert!(seconds(bad).is_err(), "{bad:?} was taken");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_reads_back(seconds in 900u32..=129_600) {
            let duration = Duration::clamped(seconds);
            proptest::prop_assert_eq!(Duration::parse(&duration.to_string()).unwrap(), duration);
        }
    }
}
