//! AWS wants to be left alone for a while.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction},
};

use super::refusal::retry_after;

/// The longest that a caller is made to wait between two tries of one call (R4).
const LONGEST: Duration = Duration::from_secs(2);

/// Fails a call that AWS wants to see again only after a longer time. The SDK would wait for it
/// until the call's time is over, and then say that nothing had answered.
#[derive(Debug)]
pub(super) struct ShortWaits;

impl ClassifyRetry for ShortWaits {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response().and_then(retry_after) {
            Some(hint) if hint > LONGEST => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "short waits"
    }
}
