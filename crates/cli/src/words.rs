//! The state in words and columns.

use daypass_core::{
    Instant,
    view::{SessionState, SessionView},
};

/// A session in a few words.
pub(crate) fn session(session: &SessionView, needs_code: bool, now: Instant) -> String {
    match session.state {
        SessionState::None | SessionState::Ended if needs_code => "needs a code".to_owned(),
        SessionState::None => "no session yet".to_owned(),
        SessionState::WaitingForCode => "waiting for a code".to_owned(),
        SessionState::Getting => "asking AWS".to_owned(),
        SessionState::Active | SessionState::Ending => left(session.expires_at, now),
        SessionState::Ended => "ended".to_owned(),
        SessionState::Failed => "failed".to_owned(),
    }
}

fn left(expires_at: Option<Instant>, now: Instant) -> String {
    let minutes = expires_at.map_or(0, |at| (at - now).num_minutes().max(0));
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min left"),
        (hours, minutes) => format!("{hours} h {minutes:02} min left"),
    }
}

/// Lines up columns; the last one is as long as it likes.
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

    #[test]
    fn columns_line_up() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            table(&[row(["a", "x"]), row(["längs", "y"])]),
            "a      x\nlängs  y\n"
        );
    }
}
