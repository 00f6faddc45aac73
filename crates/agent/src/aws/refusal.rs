//! What AWS's errors mean to the person in front of the screen.
//!
//! Codes and texts: STS API reference, "Common Errors"; AWS_RULES 3.2 to 3.6.

use std::{error::Error, time::Duration};

use aws_smithy_runtime_api::{
    client::{orchestrator::HttpResponse, result::SdkError},
    http::StatusCode,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use daypass_core::problem::{Code, Problem};

use crate::ports::{AwsCause, AwsError};

/// Turns an SDK error into words and a cause. `with_code` says whether the request carried a code,
/// which must not be sent twice.
pub(super) fn explain<E>(error: &SdkError<E, HttpResponse>, with_code: bool) -> AwsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let (metadata, status) = (service.err(), service.raw().status());
            match metadata.code() {
                None if !status.is_server_error() => not_aws(with_code),
                code => AwsError {
                    retry_after: retry_after(service.raw()),
                    ..service_error(
                        code.unwrap_or_default(),
                        metadata.message().unwrap_or_default(),
                        status,
                        with_code,
                    )
                },
            }
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
            unreachable_aws(error, with_code)
        }
        // The SDK puts the body back only when it has read all of it.
        SdkError::ResponseError(answer) if answer.raw().body().bytes().is_none() => {
            unreachable(with_code)
        }
        SdkError::ResponseError(_) => not_aws(with_code),
        // The request was never built; everything in it was checked before.
        _ => refused(Problem::ours(
            "The request to AWS could not be built; are the credentials of this identity readable?",
        )),
    }
}

/// How long AWS wants to be left alone: its own header in milliseconds, or HTTP's in seconds.
pub(super) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let number = |name| response.headers().get(name)?.trim().parse::<u64>().ok();
    let own = number("x-amz-retry-after").map(Duration::from_millis);
    own.or_else(|| number("retry-after").map(Duration::from_secs))
}

/// AWS answered, and the answer was no.
pub(super) fn service_error(
    code: &str,
    message: &str,
    status: StatusCode,
    with_code: bool,
) -> AwsError {
    // HTTP knows no status from 600 on: whoever says so stands before AWS, and may have passed the
    // request on.
    if status.as_u16() >= 500 || is_throttling(code) {
        // A fault inside AWS may come after the code was taken; throttling comes before.
        let cause = match (is_throttling(code), with_code) {
            (true, _) => AwsCause::Throttled,
            (false, true) => AwsCause::AnswerLost,
            (false, false) => AwsCause::Passing,
        };
        let problem = Problem::passing(
            Code::AwsRefused,
            "AWS is too busy to answer right now.",
            "Try again in a moment.",
        );
        return AwsError::new(cause, problem);
    }
    if message.contains("MultiFactorAuthentication failed with invalid MFA one time pass code") {
        let problem = Problem::yours(
            Code::WrongCode,
            "AWS did not take that code.",
            "Type the one your device shows now, or the next if that was it. If it keeps failing, the device's clock may be off.",
        );
        return AwsError::new(AwsCause::WrongCode, problem);
    }
    let (what, todo) = words(code, message);
    let cause = match code {
        "ExpiredToken" | "ExpiredTokenException" => AwsCause::SessionEnded,
        _ if is_about_signature(code, message) && is_skew(message) => AwsCause::WrongTime,
        "AccessDenied" => AwsCause::Denied,
        "ValidationError" if is_too_long(message) => AwsCause::TooLong,
        _ => AwsCause::Refused,
    };
    AwsError::new(cause, Problem::yours(Code::AwsRefused, what, todo))
}

fn words(code: &str, message: &str) -> (String, String) {
    let said = |todo: &str| {
        let message = message.trim().trim_end_matches('.');
        (format!("AWS refused: {message}."), todo.to_owned())
    };
    // Such a message can quote the signed request, session token included: never shown.
    if is_about_signature(code, message) {
        return about_signature(message);
    }
    match code {
        "InvalidClientTokenId" | "UnrecognizedClientException" => (
            "AWS does not know this access key, or it is inactive.".to_owned(),
            "Check it in IAM, or add the identity again with a new key.".to_owned(),
        ),
        "ExpiredToken" | "ExpiredTokenException" => (
            "The session that AWS was asked with has ended.".to_owned(),
            "Try again; Daypass will ask for a code if one is needed.".to_owned(),
        ),
        "RegionDisabledException" => (
            "STS is not active in this region for the account.".to_owned(),
            "Choose another region for the role, or activate STS there in the account's IAM settings.".to_owned(),
        ),
        "AccessDenied" if message.contains("sts:TagSession") => said(
            "The trust policy must allow sts:TagSession, because the role entry has tags; `daypass role policy` prints one that does.",
        ),
        "AccessDenied" if message.contains("sts:SetSourceIdentity") => said(
            "The trust policy must allow sts:SetSourceIdentity, because the role entry has a source identity; `daypass role policy` prints one that does.",
        ),
        "PackedPolicyTooLarge" => said("Shorten the role's session policies and tags."),
        "AccessDenied" if message.contains("unable to validate MFA code") => (
            "AWS does not know this MFA device for this user.".to_owned(),
            "Compare the serial with \"Security credentials\" in the IAM console, and correct it under the identity's MFA devices in the window, or with `daypass identity devices`.".to_owned(),
        ),
        "AccessDenied" => said(
            "Check that the role exists, and that its trust policy names this user and asks for no more than the external id and MFA given here; `daypass role policy` prints one that fits, and the role's details in the window show it.",
        ),
        "ValidationError" if is_too_long(message) => (
            "The role does not allow a session that long.".to_owned(),
            "Give the role a shorter duration, or raise its maximum session duration in IAM.".to_owned(),
        ),
        _ => said(""),
    }
}

/// STS and IAM call it one thing, services that speak JSON another, and the message is much the
/// same.
fn is_about_signature(code: &str, message: &str) -> bool {
    let codes = [
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "InvalidSignatureException",
        "IncompleteSignatureException",
    ];
    let message = message.to_ascii_lowercase();
    let quotes = [
        "canonical string",
        "string-to-sign",
        "string to sign",
        "x-amz-security-token",
    ];
    codes.contains(&code) || quotes.iter().any(|quote| message.contains(quote))
}

fn about_signature(message: &str) -> (String, String) {
    let (what, todo) = if is_skew(message) {
        (
            "The clock of this computer is off by more than AWS allows.",
            "Set the clock (turn on automatic time), then try again.",
        )
    } else {
        (
            "The secret access key does not belong to this access key id.",
            "Copy both again from where the key was made.",
        )
    };
    (what.to_owned(), todo.to_owned())
}

fn is_skew(message: &str) -> bool {
    message.contains("Signature expired") || message.contains("Signature not yet current")
}

/// The role's `MaxSessionDuration`, or the hour of a chained session.
fn is_too_long(message: &str) -> bool {
    message.contains("MaxSessionDuration") || message.contains("DurationSeconds")
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "RequestThrottled"
    )
}

fn unreachable_aws(error: &(dyn Error + 'static), with_code: bool) -> AwsError {
    if is_bad_certificate(error) {
        return AwsError::new(AwsCause::Passing, bad_certificate());
    }
    unreachable(with_code && !never_sent(error))
}

/// Somebody is between this computer and AWS. The handshake comes before the request, so nothing
/// was sent.
pub(super) fn bad_certificate() -> Problem {
    Problem::passing(
        Code::Failed,
        "What answered could not prove that it is AWS: its certificate is not trusted.",
        "If your network inspects TLS, name its certificates with ca_bundle in the settings; if not, use another network.",
    )
}

/// Whether a certificate was refused. An `io::Error` does not name what is in it as its source.
pub(super) fn is_bad_certificate(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>();
    if let Some(inner) = inner.and_then(std::io::Error::get_ref) {
        return is_bad_certificate(inner);
    }
    match error.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(_)) => true,
        Some(_) => false,
        None => error.source().is_some_and(is_bad_certificate),
    }
}

/// No answer came.
pub(super) fn unreachable(code_sent: bool) -> AwsError {
    let problem = Problem::passing(
        Code::Failed,
        "AWS cannot be reached.",
        "Check the network (and the proxy, if there is one), then try again.",
    );
    let cause = if code_sent {
        AwsCause::AnswerLost
    } else {
        AwsCause::Passing
    };
    AwsError::new(cause, problem)
}

/// Whether the connection was not even made, so that AWS can't have seen the code.
fn never_sent(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return error.is_connect();
        }
        next = error.source();
    }
    false
}

fn not_aws(with_code: bool) -> AwsError {
    let problem = Problem::passing(
        Code::Failed,
        "Something other than AWS answered, perhaps the sign-in page of this network.",
        "Open a web page to sign in to the network, then try again.",
    );
    let cause = if with_code {
        AwsCause::AnswerLost
    } else {
        AwsCause::Passing
    };
    AwsError::new(cause, problem)
}

/// Nothing that a second try would mend.
pub(super) fn refused(problem: Problem) -> AwsError {
    AwsError::new(AwsCause::Refused, problem)
}

/// An answer without what the service model promises: the network cut it short. The SDK fills in
/// what is missing.
pub(super) fn incomplete(with_code: bool) -> AwsError {
    let problem = Problem::passing(
        Code::AwsRefused,
        "AWS's answer was incomplete.",
        "Try again in a moment.",
    );
    let cause = if with_code {
        AwsCause::AnswerLost
    } else {
        AwsCause::Passing
    };
    AwsError::new(cause, problem)
}

#[cfg(test)]
mod tests {
    use daypass_core::problem::Blame;

    use super::*;

    fn explain(code: &str, message: &str, status: u16) -> AwsError {
        service_error(code, message, StatusCode::try_from(status).unwrap(), false)
    }

    #[test]
    fn the_three_kinds_are_told_apart() {
        let code = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
        assert_eq!(
            explain("AccessDenied", code, 403).cause,
            AwsCause::WrongCode
        );
        assert_eq!(
            explain("Throttling", "Rate exceeded", 400).cause,
            AwsCause::Throttled
        );
        assert_eq!(
            explain("InternalFailure", "", 500).problem.blame,
            Blame::Passing
        );
        let denied = explain(
            "AccessDenied",
            "User: x is not authorized to perform: sts:AssumeRole",
            403,
        );
        assert_eq!(denied.cause, AwsCause::Denied);
        assert!(denied.problem.what.contains("not authorized"));
        assert_eq!(denied.problem.code, Code::AwsRefused);
    }

    /// T18: the text of a signature error quotes the canonical request, token and all.
    #[test]
    fn t18_a_signature_error_is_never_quoted() {
        let message = "The request signature we calculated ... x-amz-security-token:CANARY";
        let explained = explain("SignatureDoesNotMatch", message, 403)
            .problem
            .to_string();
        assert!(!explained.contains("CANARY"));
        assert!(explained.contains("secret access key"));
        let skew = explain(
            "SignatureDoesNotMatch",
            "Signature expired: 2026 is now earlier than",
            403,
        );
        assert!(skew.problem.what.contains("clock"));
        // As services that speak JSON say it, and as nobody has said it yet.
        for code in ["InvalidSignatureException", "SomethingNew"] {
            let message = "The request signature we calculated does not match. The Canonical String for this request should have been 'POST\nx-amz-security-token:CANARY'";
            let explained = explain(code, message, 400).problem.to_string();
            assert!(!explained.contains("CANARY"), "{explained}");
        }
        let skew = explain("InvalidSignatureException", "Signature expired: 2026", 400);
        assert_eq!(skew.cause, AwsCause::WrongTime);
    }
}
