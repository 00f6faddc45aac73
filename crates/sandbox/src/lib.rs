//! A local stand-in for AWS: STS, IAM, Secrets Manager, the sign-in endpoint and a console page.
//!
//! It checks what AWS checks, says what AWS says, and keeps a journal that tests count calls in. It shares no code with
//! the rest of Daypass, so that a mistake in the client cannot hide here. The README has the seed's format and the
//! control endpoints.

mod caller;
mod clock;
mod console;
mod constraint;
mod control;
mod credentials;
mod delivery;
mod destination;
mod device_page;
mod error;
mod faults;
mod federation;
mod hmac_sha;
mod html;
mod http;
mod iam;
mod ids;
mod journal;
mod json_api;
mod mfa;
mod params;
mod permissions;
mod policy;
mod populate;
mod protocol;
mod query_api;
mod router;
mod secrets;
mod seed;
mod server;
mod service;
mod sign_out;
mod sigv4;
mod sts;
mod tls;
mod totp;
mod wire;
mod world;
mod xml;

pub use seed::{Seed, SeedError};
pub use server::{Options, Sandbox, StartError};
pub use tls::TlsError;
