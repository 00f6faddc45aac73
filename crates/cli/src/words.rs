//! The state in words and columns.

use daypass_core::{
    Instant,
    view::{SessionState, SessionView},
};

use crate::colour::{Paint, Tone};

/// After so many days AWS's own tools call a key old (AWS Security Hub, IAM.3).
const OLD_KEY_DAYS: i64 = 90;

/// A session in a few words.
pub(crate) fn session(
    session: &SessionView,
    needs_code: bool,
    now: Instant,
    paint: Paint,
) -> String {
    let (tone, words) = match session.state {
        SessionState::None | SessionState::Ended if needs_code => {
            (Tone::Soon, "needs a code".to_owned())
        }
        SessionState::None => (Tone::Quiet, "no session yet".to_owned()),
        SessionState::WaitingForCode => (Tone::Soon, "waiting for a code".to_owned()),
        SessionState::Getting => (Tone::Quiet, "asking AWS".to_owned()),
        SessionState::Active => (Tone::Good, left(session.expires_at, now)),
        SessionState::Ending => (Tone::Soon, left(session.expires_at, now)),
        SessionState::Ended => (Tone::Quiet, "ended".to_owned()),
        SessionState::Failed => (Tone::Bad, "failed".to_owned()),
    };
    paint.tone(tone, &words)
}

fn left(expires_at: Option<Instant>, now: Instant) -> String {
    let minutes = expires_at.map_or(0, |at| (at - now).num_minutes().max(0));
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min left"),
        (hours, minutes) => format!("{hours} h {minutes:02} min left"),
    }
}

/// The age of a key in words, and whether it is old.
pub(crate) fn key_age(created_at: Instant, now: Instant) -> (String, bool) {
    let days = (now - created_at).num_days().max(0);
    let words = match days {
        0 => "key of today".to_owned(),
        1 => "key of 1 day".to_owned(),
        days => format!("key of {days} days"),
    };
    (words, days > OLD_KEY_DAYS)
}

/// A point in time for a person.
pub(crate) fn instant(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Lines up columns; the last one is as long as it likes, and the only one with colour.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn columns_line_up() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            table(&[row(["a", "x"]), row(["längs", "y"])]),
            "a      x\nlängs  y\n"
        );
    }

    #[test]
    fn sessions_and_keys_are_told_in_words() {
        let view = |state, ends| SessionView {
            state,
            started_at: None,
            expires_at: Some(at(ends)),
        };
        let told = |view: &SessionView, code| session(view, code, at(0), Paint::PLAIN);
        let active = view(SessionState::Active, 3_900);
        assert_eq!(told(&active, true), "1 h 05 min left");
        assert_eq!(told(&view(SessionState::Ended, 0), true), "needs a code");
        assert_eq!(told(&view(SessionState::Ended, 0), false), "ended");
        let day = 24 * 3_600;
        assert_eq!(key_age(at(0), at(day)), ("key of 1 day".to_owned(), false));
        assert_eq!(
            key_age(at(0), at(91 * day)),
            ("key of 91 days".to_owned(), true)
        );
    }
}
