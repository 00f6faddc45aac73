//! The services that calls are signed for.

/// A service of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Iam,
    SecretsManager,
    Sts,
}

impl Service {
    /// As a credential scope names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::SecretsManager => "secretsmanager",
            Self::Sts => "sts",
        }
    }
}
