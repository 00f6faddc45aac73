//! AWS's error answers: code, status and words as its services give them.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::{DateTime, Utc};

use crate::sigv4::basic_format;

/// An error, with its code in the query protocol; [`Self::in_json_protocol`] gives the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// The value of `x-amz-retry-after`, in milliseconds.
    pub(crate) retry_after_ms: Option<u64>,
}

/// What the query protocol and the JSON protocol call the same refusal.
const JSON_CODES: [(&str, &str); 10] = [
    ("AccessDenied", "AccessDeniedException"),
    ("ExpiredToken", "ExpiredTokenException"),
    ("IncompleteSignature", "IncompleteSignatureException"),
    ("InternalFailure", "InternalServiceError"),
    ("InvalidClientTokenId", "UnrecognizedClientException"),
    (
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    ),
    ("ServiceUnavailable", "ServiceUnavailableException"),
    ("SignatureDoesNotMatch", "InvalidSignatureException"),
    ("Throttling", "ThrottlingException"),
    ("ValidationError", "ValidationException"),
];

impl AwsError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: Cow::Borrowed(code),
            message: message.into(),
            retry_after_ms: None,
        }
    }

    /// Whose fault the query protocol says that it is.
    pub(crate) fn kind(&self) -> &'static str {
        if self.status < 500 {
            "Sender"
        } else {
            "Receiver"
        }
    }

    // Signature and credentials.

    pub(crate) fn missing_authentication_token() -> Self {
        let message = "Request is missing Authentication Token";
        Self::new(403, "MissingAuthenticationToken", message)
    }

    pub(crate) fn incomplete_signature(message: impl Into<String>) -> Self {
        Self::new(400, "IncompleteSignature", message)
    }

    pub(crate) fn signature_does_not_match(message: impl Into<String>) -> Self {
        Self::new(403, "SignatureDoesNotMatch", message)
    }

    pub(crate) fn wrong_signature() -> Self {
        Self::signature_does_not_match(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method. \
             Consult the service documentation for details.",
        )
    }

    pub(crate) fn signature_expired(signed: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let earliest = now - crate::caller::MAX_SKEW;
        Self::signature_does_not_match(format!(
            "Signature expired: {} is now earlier than {} ({} - 5 min.)",
            basic_format(signed),
            basic_format(earliest),
            basic_format(now),
        ))
    }

    pub(crate) fn signature_not_yet_current(signed: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let latest = now + crate::caller::MAX_SKEW;
        Self::signature_does_not_match(format!(
            "Signature not yet current: {} is still later than {} ({} + 5 min.)",
            basic_format(signed),
            basic_format(latest),
            basic_format(now),
        ))
    }

    pub(crate) fn invalid_client_token_id() -> Self {
        let message = "The security token included in the request is invalid.";
        Self::new(403, "InvalidClientTokenId", message)
    }

    pub(crate) fn expired_token() -> Self {
        let message = "The security token included in the request is expired";
        Self::new(403, "ExpiredToken", message)
    }

    // Authorization.

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn not_authorized(caller: impl Display, action: &str, resource: &str) -> Self {
        Self::access_denied(format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource}"
        ))
    }

    /// Adds why, as the newer of AWS's services do.
    pub(crate) fn because(mut self, reason: impl Display) -> Self {
        self.message = format!("{} {reason}", self.message);
        self
    }

    pub(crate) fn wrong_mfa_code() -> Self {
        Self::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code.")
    }

    pub(crate) fn unknown_mfa_device() -> Self {
        Self::access_denied(
            "MultiFactorAuthentication failed, unable to validate MFA code. \
             Please verify your MFA serial number is valid and associated with this user.",
        )
    }

    /// AWS answers AccessDenied, not ValidationError: dtan4/terraforming#424, boltops-tools/terraspace#224.
    pub(crate) fn half_an_mfa_code() -> Self {
        Self::access_denied(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        )
    }

    // The request.

    pub(crate) fn invalid_action(action: &str, version: &str) -> Self {
        let message = format!("Could not find operation {action} for version {version}");
        Self::new(400, "InvalidAction", message)
    }

    pub(crate) fn missing_action() -> Self {
        Self::new(
            400,
            "MissingAction",
            "The request must contain the parameter Action.",
        )
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    pub(crate) fn malformed_input(message: impl Into<String>) -> Self {
        Self::new(400, "MalformedInput", message)
    }

    pub(crate) fn policy_is_no_json() -> Self {
        Self::new(
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        )
    }

    /// AWS says the first sentence only.
    pub(crate) fn malformed_policy_document(reason: impl Display) -> Self {
        let message = format!("Syntax errors in policy. (The sandbox: {reason})");
        Self::new(400, "MalformedPolicyDocument", message)
    }

    /// A guess: AWS documents no error for a session policy that is not there.
    pub(crate) fn unknown_policy(arn: &str) -> Self {
        let message = format!("The policy {arn} does not exist or is not attachable.");
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn packed_policy_too_large(percent: usize) -> Self {
        let message = format!(
            "Packed policy consumes {percent}% of allotted space, please use smaller policy."
        );
        Self::new(400, "PackedPolicyTooLarge", message)
    }

    pub(crate) fn duplicate_tags() -> Self {
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        Self::new(400, "InvalidParameterValue", message)
    }

    /// A guess at the words; that the prefix is reserved is documented.
    pub(crate) fn reserved_tag_key(key: &str) -> Self {
        let message = format!("The tag key {key} begins with the reserved prefix aws:");
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn transitive_tag_missing() -> Self {
        let message = "The specified transitive tag key must be included in the requested tags.";
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn transitive_tag_conflict() -> Self {
        let message = "One of the specified transitive tag keys can't be set because it conflicts \
                       with a transitive tag key from the calling session.";
        Self::new(400, "InvalidParameterValue", message)
    }

    // IAM.

    pub(crate) fn no_such_user(name: &str) -> Self {
        let message = format!("The user with name {name} cannot be found.");
        Self::new(404, "NoSuchEntity", message)
    }

    pub(crate) fn no_such_access_key(id: &str) -> Self {
        let message = format!("The Access Key with id {id} cannot be found.");
        Self::new(404, "NoSuchEntity", message)
    }

    pub(crate) fn too_many_access_keys(limit: usize) -> Self {
        let message = format!("Cannot exceed quota for AccessKeysPerUser: {limit}");
        Self::new(409, "LimitExceeded", message)
    }

    // The JSON protocol.

    pub(crate) fn unknown_operation() -> Self {
        Self::new(400, "UnknownOperationException", "")
    }

    pub(crate) fn serialization() -> Self {
        Self::new(
            400,
            "SerializationException",
            "The request is not the JSON that was expected.",
        )
    }

    /// The same refusal as services of the JSON protocol give it: other codes, and no status but 400 for a client's
    /// mistake.
    pub(crate) fn in_json_protocol(mut self) -> Self {
        let code = JSON_CODES.into_iter().find(|(code, _)| *code == self.code);
        self.code = code.map_or(self.code, |(_, code)| Cow::Borrowed(code));
        if self.status < 500 {
            self.status = 400;
        }
        if self.code == "MissingAuthenticationTokenException" {
            self.message = "Missing Authentication Token".to_owned();
        }
        self
    }

    // Faults.

    pub(crate) fn throttling() -> Self {
        Self::new(400, "Throttling", "Rate exceeded")
    }

    pub(crate) fn internal_failure() -> Self {
        Self::new(
            500,
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        )
    }

    pub(crate) fn service_unavailable() -> Self {
        Self::new(
            503,
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
        )
    }

    pub(crate) fn idp_communication_error() -> Self {
        Self::new(
            400,
            "IDPCommunicationError",
            "The request could not be fulfilled because the identity provider (IDP) that was asked to verify \
             the incoming identity token could not be reached.",
        )
    }

    /// Whatever a test wants.
    pub(crate) fn ordered(status: u16, code: String, message: String) -> Self {
        Self {
            code: Cow::Owned(code),
            ..Self::new(status, "", message)
        }
    }
}
