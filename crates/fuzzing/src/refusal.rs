use daypass_agent::{
    aws::StsClient,
    ports::{AwsCause, Sts as _},
};
use daypass_core::{config::Endpoints, duration::Duration, partition::Partition};

use crate::{
    Verdict,
    ada::{key, mfa},
    answer::{Answer, at_once},
    input::{assert_told, parts},
};

const CANARY: &str = "CANARY-of-a-token";
const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code";

/// T18, P4: an error of AWS's out of a status, a code and a message. It is told in one line, a
/// signature error is never quoted, and only AWS's own words make a code a wrong one.
pub fn refusal(data: &[u8]) -> Verdict {
    let Some([status, code, message]) = parts(data) else {
        return Verdict::Refused;
    };
    let status: u16 = status.parse().unwrap_or(403);
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}{CANARY}</Message></Error></ErrorResponse>",
        escape(code),
        escape(message)
    );
    let Some(answer) = Answer::new(status, body) else {
        return Verdict::Refused;
    };
    let sts = StsClient::new(&answer.http(), &Endpoints::default());
    let call = sts.get_session_token(key(), mfa(), Duration::HALF_DAY, Partition::Aws);
    let call = at_once(call).expect("a code is not sent again, so there is nothing to wait for");
    let error = call.err().expect("an error became a session");
    assert_told(&error.problem);
    let quoted = error.problem.to_string().contains(CANARY);
    if matches!(code, "SignatureDoesNotMatch" | "IncompleteSignature") {
        assert!(!quoted, "{}", error.problem);
    }
    if error.cause == AwsCause::WrongCode {
        assert!(message.contains(WRONG_CODE) && status < 500);
    }
    if status >= 500 {
        let unsure = matches!(error.cause, AwsCause::AnswerLost | AwsCause::Throttled);
        assert!(unsure, "{:?}", error.cause);
    }
    quoted.into()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
