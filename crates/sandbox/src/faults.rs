//! Failures that a test orders in advance.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::AwsError;

/// A failure of the next calls of an operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// An operation, or `*` for every one.
    op: String,
    #[serde(default = "once")]
    times: u32,
    kind: FaultKind,
    #[serde(default)]
    retry_after_ms: Option<u64>,
    #[serde(default)]
    latency_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FaultKind {
    Throttling,
    Internal,
    Unavailable,
    Latency,
}

fn once() -> u32 {
    1
}

/// No test waits longer than this for an answer.
const MAX_LATENCY: Duration = Duration::from_secs(600);

/// The failures that were ordered and have not all happened yet.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// What happens to one call.
#[derive(Debug, Default)]
pub(crate) struct Injection {
    pub(crate) latency: Duration,
    pub(crate) error: Option<AwsError>,
}

impl Faults {
    pub(crate) fn order(&mut self, faults: Vec<Fault>) {
        self.0.extend(faults);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn pending(&self) -> &[Fault] {
        &self.0
    }

    /// Uses up the oldest failure that applies to a call of `op`, and the oldest delay.
    pub(crate) fn take(&mut self, op: &str) -> Injection {
        let delay = self.take_where(op, |kind| kind == FaultKind::Latency);
        let failure = self.take_where(op, |kind| kind != FaultKind::Latency);
        let latency = [&delay, &failure]
            .into_iter()
            .flatten()
            .filter_map(|fault| fault.latency_ms)
            .map(Duration::from_millis)
            .fold(Duration::ZERO, Duration::saturating_add)
            .min(MAX_LATENCY);
        let error = failure.and_then(|fault| fault.error());
        Injection { latency, error }
    }

    fn take_where(&mut self, op: &str, wanted: impl Fn(FaultKind) -> bool) -> Option<Fault> {
        let applies = |fault: &Fault| (fault.op == op || fault.op == "*") && wanted(fault.kind);
        self.0.retain(|fault| fault.times > 0);
        let fault = self.0.iter_mut().find(|fault| applies(fault))?;
        fault.times -= 1;
        let taken = fault.clone();
        self.0.retain(|fault| fault.times > 0);
        Some(taken)
    }
}

impl Fault {
    fn error(&self) -> Option<AwsError> {
        match self.kind {
            FaultKind::Throttling => Some(AwsError::throttling(self.retry_after_ms)),
            FaultKind::Internal => Some(AwsError::internal_failure(self.retry_after_ms)),
            FaultKind::Unavailable => Some(AwsError::service_unavailable(self.retry_after_ms)),
            FaultKind::Latency => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Faults {
        Faults(serde_json::from_str(json).unwrap_or_default())
    }

    #[test]
    fn a_fault_happens_as_often_as_ordered() {
        let mut faults = faults(r#"[{"op":"AssumeRole","times":2,"kind":"throttling"}]"#);
        assert!(faults.take("GetSessionToken").error.is_none());
        assert!(faults.take("AssumeRole").error.is_some());
        assert!(faults.take("AssumeRole").error.is_some());
        assert!(faults.take("AssumeRole").error.is_none());
        assert!(faults.pending().is_empty());
    }

    #[test]
    fn a_delay_and_a_failure_happen_together() {
        let mut faults = faults(
            r#"[{"op":"*","kind":"latency","latency_ms":5},{"op":"*","kind":"internal","latency_ms":7}]"#,
        );
        let injection = faults.take("AssumeRole");
        assert_eq!(injection.latency, Duration::from_millis(12));
        assert_eq!(injection.error.map(|error| error.status), Some(500));
    }

    #[test]
    fn no_delay_is_endless() {
        let mut faults = faults(
            r#"[{"op":"*","kind":"latency","latency_ms":18446744073709551615},
                {"op":"*","kind":"internal","latency_ms":18446744073709551615}]"#,
        );
        assert_eq!(faults.take("x").latency, MAX_LATENCY);
    }
}
