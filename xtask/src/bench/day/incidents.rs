//! What happens on the day.

/// Something that sessions have to get over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Incident {
    /// The laptop's lid is closed for so many minutes.
    Sleep(i64),
    /// AWS cannot be reached.
    NetworkLost,
    /// It can again.
    NetworkBack,
    /// AWS is asked too often, by whomever.
    ThrottlingBegins,
    /// It has calmed down.
    ThrottlingEnds,
    /// The keychain's program is killed, and started again.
    KeychainRestarted,
}

/// By minute of the day. The day begins when people do.
const DAY: [(i64, Incident); 10] = [
    (2 * 60, Incident::NetworkLost),
    (2 * 60 + 12, Incident::NetworkBack),
    (4 * 60, Incident::ThrottlingBegins),
    (5 * 60, Incident::ThrottlingEnds),
    (6 * 60, Incident::Sleep(45)),
    (8 * 60, Incident::KeychainRestarted),
    (10 * 60, Incident::NetworkLost),
    (10 * 60 + 30, Incident::NetworkBack),
    (14 * 60, Incident::Sleep(3 * 60)),
    (20 * 60, Incident::Sleep(2 * 60)),
];

impl Incident {
    pub(super) fn at(minute: i64) -> Option<Self> {
        let found = DAY.iter().find(|(at, _)| *at == minute);
        found.map(|(_, incident)| *incident)
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Sleep(minutes) => format!("sleeps for {minutes} min"),
            Self::NetworkLost => "network lost".to_owned(),
            Self::NetworkBack => "network back".to_owned(),
            Self::ThrottlingBegins => "AWS throttles".to_owned(),
            Self::ThrottlingEnds => "AWS is calm".to_owned(),
            Self::KeychainRestarted => "keychain killed and started".to_owned(),
        }
    }
}
