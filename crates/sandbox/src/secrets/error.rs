//! Secrets Manager's own errors.

use crate::error::AwsError;

impl AwsError {
    pub(super) fn no_such_secret() -> Self {
        let message = "Secrets Manager can't find the specified secret.";
        Self::new(400, "ResourceNotFoundException", message)
    }

    pub(super) fn no_secret_value_for(what: &str, name: &str) -> Self {
        let message =
            format!("Secrets Manager can't find the specified secret value for {what}: {name}");
        Self::new(400, "ResourceNotFoundException", message)
    }

    pub(super) fn stage_of_another_version() -> Self {
        Self::invalid_request(
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )
    }

    pub(super) fn secret_marked_for_deletion() -> Self {
        Self::invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion.",
        )
    }

    pub(super) fn secret_name_marked_for_deletion() -> Self {
        Self::invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
    }

    pub(super) fn no_client_request_token() -> Self {
        Self::invalid_request(
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        )
    }

    pub(super) fn no_secret_value() -> Self {
        Self::invalid_request("You must provide either SecretString or SecretBinary.")
    }

    fn invalid_request(message: &str) -> Self {
        Self::new(400, "InvalidRequestException", message)
    }

    pub(super) fn client_request_token_length() -> Self {
        Self::invalid_parameter("ClientRequestToken must be 32-64 characters long.")
    }

    pub(super) fn two_secret_values() -> Self {
        Self::invalid_parameter(
            "You can't specify both a binary secret value and a string secret value in the same secret.",
        )
    }

    pub(super) fn not_base64() -> Self {
        Self::new(400, "SerializationException", "SecretBinary is not base64.")
    }

    pub(super) fn recovery_window() -> Self {
        Self::invalid_parameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        )
    }

    pub(super) fn recovery_window_and_force() -> Self {
        Self::invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )
    }

    fn invalid_parameter(message: &str) -> Self {
        Self::new(400, "InvalidParameterException", message)
    }

    pub(super) fn invalid_next_token() -> Self {
        let message = "The NextToken value is invalid.";
        Self::new(400, "InvalidNextTokenException", message)
    }

    pub(super) fn invalid_secret_name() -> Self {
        Self::validation(
            "Invalid name. Must be a valid name containing alphanumeric characters, \
             or any of the following: -/_+=.@!",
        )
    }

    pub(super) fn secret_exists(name: &str) -> Self {
        let message = format!("The operation failed because the secret {name} already exists.");
        Self::new(400, "ResourceExistsException", message)
    }

    pub(super) fn client_request_token_in_use(token: &str, arn: &str) -> Self {
        let message = format!(
            "You can't use ClientRequestToken {token} because that value is already in use \
             for a version of secret {arn}."
        );
        Self::new(400, "ResourceExistsException", message)
    }

    /// A guess at the words; the quota is documented.
    pub(super) fn too_many_versions(name: &str) -> Self {
        let message = format!("The secret {name} has reached the quota of versions.");
        Self::new(400, "LimitExceededException", message)
    }
}
