//! AWS as the agent's ports see it: STS through the SDK, and the sign-in endpoint, over one HTTP
//! stack.

mod http;
mod refusal;
mod signin;
mod sts;

pub use signin::FederationEndpoint;
pub use sts::StsClient;
