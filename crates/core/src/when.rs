//! Points in time, as people write them: `2h`, `yesterday`, `2026-03-02`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::{Instant, problem::Problem};

/// A point in time that may depend on the present. Days are UTC's, like every time on the command
/// line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So long before now.
    Ago(TimeDelta),
    /// The beginning of the day that is so many days before today.
    DaysBack(u64),
    /// A point in time.
    At(Instant),
}

impl When {
    /// Reads `90m`, `2h`, `3d`, `1w`, `today`, `yesterday`, `2026-03-02`, `2026-03-02T09:00` or an
    /// RFC 3339 instant.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let known = match text {
            "today" => Some(Self::DaysBack(0)),
            "yesterday" => Some(Self::DaysBack(1)),
            _ => ago(text)
                .map(Self::Ago)
                .or_else(|| instant(text).map(Self::At)),
        };
        known.ok_or_else(|| {
            Problem::usage(format!(
                "{text:?} is no time. Write it like 2h, 3d, yesterday, 2026-03-02 or 2026-03-02T09:00."
            ))
        })
    }

    /// The point in time that is meant.
    pub fn at(self, now: Instant) -> Instant {
        let meant = match self {
            Self::Ago(past) => now.checked_sub_signed(past),
            Self::DaysBack(days) => now
                .date_naive()
                .checked_sub_days(chrono::Days::new(days))
                .map(midnight),
            Self::At(at) => Some(at),
        };
        meant.unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

impl std::str::FromStr for When {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

fn ago(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = number.parse().ok()?;
    match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    }
}

fn instant(text: &str) -> Option<Instant> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(midnight(date));
    }
    for format in ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc());
        }
    }
    let zoned = DateTime::parse_from_rfc3339(text).ok()?;
    Some(zoned.to_utc())
}

fn midnight(date: NaiveDate) -> Instant {
    date.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let now = instant("2026-03-02T09:30").unwrap();
        for (text, meant) in [
            ("90m", "2026-03-02T08:00:00Z"),
            ("2h", "2026-03-02T07:30:00Z"),
            ("3d", "2026-02-27T09:30:00Z"),
            ("1w", "2026-02-23T09:30:00Z"),
            ("today", "2026-03-02T00:00:00Z"),
            ("yesterday", "2026-03-01T00:00:00Z"),
            ("2026-02-28", "2026-02-28T00:00:00Z"),
            ("2026-02-28T10:15", "2026-02-28T10:15:00Z"),
            ("2026-02-28 10:15", "2026-02-28T10:15:00Z"),
            ("2026-02-28T10:15:00+01:00", "2026-02-28T09:15:00Z"),
        ] {
            let at = When::parse(text).unwrap().at(now);
            assert_eq!(at, instant(meant).unwrap(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for bad in [
            "",
            "h",
            "2",
            "-2h",
            "2y",
            "1.5h",
            "2026-02-30",
            "tomorrow",
            "é",
            "99999999999999999999h",
        ] {
            assert!(When::parse(bad).is_err(), "{bad:?} was taken");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text: String, number: u64) {
            let now = Instant::UNIX_EPOCH;
            for text in [text, format!("{number}w")] {
                if let Ok(when) = When::parse(&text) {
                    let _ = when.at(now);
                }
            }
        }
    }
}
