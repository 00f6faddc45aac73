//! AWS as the agent's ports see it: STS, IAM and Secrets Manager through the SDK, and the sign-in
//! endpoint, over one HTTP stack.

mod hint;
mod http;
mod iam;
mod proxy;
mod reach;
mod refusal;
mod sdk;
mod secrets;
mod signin;
mod sts;

pub use http::Http;
pub use iam::IamClient;
pub use reach::Line;
pub use secrets::SecretsClient;
pub use signin::FederationEndpoint;
pub use sts::StsClient;
