//! Failures that a test orders in advance.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::delivery::Delivery;
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
    /// Of an `error`.
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    retry_after_ms: Option<u64>,
    /// Before the answer; of a `slow` one, between its bytes.
    #[serde(default)]
    latency_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultKind {
    // The call is not done.
    CaptivePortal,
    Error,
    IdpCommunicationError,
    Internal,
    Reset,
    Throttling,
    Unavailable,
    // The call is done.
    Latency,
    LostAnswer,
    ResetMidBody,
    Slow,
    Truncated,
}

impl FaultKind {
    fn name(self) -> &'static str {
        match self {
            Self::CaptivePortal => "captive_portal",
            Self::Error => "error",
            Self::IdpCommunicationError => "idp_communication_error",
            Self::Internal => "internal",
            Self::Latency => "latency",
            Self::LostAnswer => "lost_answer",
            Self::Reset => "reset",
            Self::ResetMidBody => "reset_mid_body",
            Self::Slow => "slow",
            Self::Throttling => "throttling",
            Self::Truncated => "truncated",
            Self::Unavailable => "unavailable",
        }
    }
}

fn once() -> u32 {
    1
}

/// No test waits longer than this for an answer.
const MAX_LATENCY: Duration = Duration::from_secs(600);
/// Between the bytes of a slow answer, when nothing else was said.
const SLOW: Duration = Duration::from_secs(1);
/// What an error may be called, at most.
const TEXT_LIMIT: usize = 1024;

/// The failures that were ordered and have not all happened yet.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// What happens to one call.
#[derive(Debug, Default)]
pub(crate) struct Injection {
    /// As the journal names it; a delay alone has no name.
    pub(crate) name: Option<&'static str>,
    pub(crate) latency: Duration,
    pub(crate) instead: Option<Instead>,
    pub(crate) delivery: Delivery,
}

/// What happens in the place of a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    CaptivePortal,
    Error(AwsError),
    Reset,
}

impl Faults {
    /// Adds failures; the error says what is wrong with one.
    pub(crate) fn order(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        for fault in &faults {
            fault.check()?;
        }
        self.0.extend(faults);
        Ok(())
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
            .map(Fault::latency)
            .fold(Duration::ZERO, Duration::saturating_add)
            .min(MAX_LATENCY);
        let Some(failure) = failure else {
            return Injection {
                latency,
                ..Injection::default()
            };
        };
        Injection {
            name: Some(failure.kind.name()),
            latency,
            instead: failure.instead(),
            delivery: failure.delivery(),
        }
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
    fn check(&self) -> Result<(), String> {
        let is_error = self.kind == FaultKind::Error;
        if is_error != self.code.is_some() || is_error != self.status.is_some() {
            return Err("an error, and nothing else, has a code and a status".to_owned());
        }
        if !is_error && self.message.is_some() {
            return Err("only an error has a message".to_owned());
        }
        if self
            .status
            .is_some_and(|status| !(400..600).contains(&status))
        {
            return Err("the status of an error is 400 to 599".to_owned());
        }
        let texts = [Some(&self.op), self.code.as_ref(), self.message.as_ref()];
        if texts
            .into_iter()
            .flatten()
            .any(|text| text.len() > TEXT_LIMIT)
        {
            return Err(format!("no text may have more than {TEXT_LIMIT} bytes"));
        }
        Ok(())
    }

    fn latency(&self) -> Duration {
        match self.kind {
            FaultKind::Slow => Duration::ZERO,
            _ => Duration::from_millis(self.latency_ms.unwrap_or_default()),
        }
    }

    fn instead(&self) -> Option<Instead> {
        let error = match self.kind {
            FaultKind::CaptivePortal => return Some(Instead::CaptivePortal),
            FaultKind::Reset => return Some(Instead::Reset),
            FaultKind::Error => AwsError::ordered(
                self.status.unwrap_or(500),
                self.code.clone().unwrap_or_default(),
                self.message.clone().unwrap_or_default(),
            ),
            FaultKind::IdpCommunicationError => AwsError::idp_communication_error(),
            FaultKind::Internal => AwsError::internal_failure(),
            FaultKind::Throttling => AwsError::throttling(),
            FaultKind::Unavailable => AwsError::service_unavailable(),
            FaultKind::Latency
            | FaultKind::LostAnswer
            | FaultKind::ResetMidBody
            | FaultKind::Slow
            | FaultKind::Truncated => return None,
        };
        Some(Instead::Error(AwsError {
            retry_after_ms: self.retry_after_ms,
            ..error
        }))
    }

    fn delivery(&self) -> Delivery {
        match self.kind {
            FaultKind::LostAnswer => Delivery::Lost,
            FaultKind::Reset => Delivery::Reset,
            FaultKind::ResetMidBody => Delivery::ResetHalfway,
            FaultKind::Truncated => Delivery::Half,
            FaultKind::Slow => {
                let every = self.latency_ms.map_or(SLOW, Duration::from_millis);
                Delivery::Slow(every.min(MAX_LATENCY))
            }
            _ => Delivery::Whole,
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
        assert!(faults.take("GetSessionToken").instead.is_none());
        assert!(faults.take("AssumeRole").instead.is_some());
        assert!(faults.take("AssumeRole").instead.is_some());
        assert!(faults.take("AssumeRole").instead.is_none());
        assert!(faults.pending().is_empty());
    }

    #[test]
    fn a_delay_and_a_failure_happen_together() {
        let mut faults = faults(
            r#"[{"op":"*","kind":"latency","latency_ms":5},{"op":"*","kind":"internal","latency_ms":7}]"#,
        );
        let injection = faults.take("AssumeRole");
        assert_eq!(injection.latency, Duration::from_millis(12));
        assert_eq!(injection.name, Some("internal"));
        let error = AwsError::internal_failure();
        assert_eq!(injection.instead, Some(Instead::Error(error)));
    }

    #[test]
    fn no_delay_is_endless() {
        let mut faults = faults(
            r#"[{"op":"*","kind":"latency","latency_ms":18446744073709551615},
                {"op":"*","kind":"internal","latency_ms":18446744073709551615},
                {"op":"*","kind":"slow","latency_ms":18446744073709551615},
                {"op":"*","kind":"slow"}]"#,
        );
        assert_eq!(faults.take("x").latency, MAX_LATENCY);
        let slowest = faults.take("x");
        assert_eq!(slowest.latency, Duration::ZERO);
        assert_eq!(slowest.delivery, Delivery::Slow(MAX_LATENCY));
        assert_eq!(faults.take("x").delivery, Delivery::Slow(SLOW));
    }

    #[test]
    fn an_order_has_to_make_sense() {
        let rows = [
            (r#"{"op":"x","kind":"error","code":"C","status":409}"#, true),
            (r#"{"op":"x","kind":"error","code":"C"}"#, false),
            (r#"{"op":"x","kind":"error","status":400}"#, false),
            (
                r#"{"op":"x","kind":"error","code":"C","status":200}"#,
                false,
            ),
            (
                r#"{"op":"x","kind":"reset","code":"C","status":400}"#,
                false,
            ),
            (r#"{"op":"x","kind":"reset","message":"m"}"#, false),
        ];
        for (json, fine) in rows {
            let mut faults = Faults::default();
            let order = serde_json::from_str(json).map(|fault| faults.order(vec![fault]));
            assert!(
                matches!(order, Ok(Ok(())) if fine) || matches!(order, Ok(Err(_)) if !fine),
                "{json}"
            );
            assert_eq!(faults.pending().len(), usize::from(fine));
        }
    }
}
