//! Whether this computer's clock is right.

use chrono::TimeDelta;
use daypass_core::{finding::Finding, partition::Partition};

use crate::{clock::Clock, ports::Sts};

const ABOUT: &str = "clock";
/// AWS takes five minutes; other programs should not come near.
const WORTH_A_LOOK: TimeDelta = TimeDelta::seconds(60);

pub(super) async fn finding(sts: &dyn Sts, clock: &dyn Clock, partition: Partition) -> Finding {
    if sts.ask_time(partition).await.is_err() {
        return Finding::attention(
            ABOUT,
            "AWS could not be asked for the time.",
            "See below what is wrong with the network.",
        );
    }
    let behind = clock.behind();
    let seconds = behind.num_seconds();
    if seconds == 0 {
        return Finding::ok(ABOUT, "This computer's clock agrees with AWS's.");
    }
    let direction = if seconds > 0 { "behind" } else { "ahead of" };
    let what = format!(
        "This computer's clock is {} {direction} AWS's.",
        words(behind.abs())
    );
    if behind.abs() < WORTH_A_LOOK {
        return Finding::ok(ABOUT, what);
    }
    Finding::attention(
        ABOUT,
        what,
        "Set it, best by turning on automatic time: Daypass corrects for it, but AWS may refuse other programs.",
    )
}

fn words(difference: TimeDelta) -> String {
    match difference.num_minutes() {
        0 => format!("{} s", difference.num_seconds()),
        minutes if minutes < 120 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_in_a_persons_units() {
        for (seconds, told) in [
            (7, "7 s"),
            (90, "1 min"),
            (7_140, "119 min"),
            (7_200, "2 h"),
        ] {
            assert_eq!(words(TimeDelta::seconds(seconds)), told);
        }
    }
}
