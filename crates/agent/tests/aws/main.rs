//! The real STS and sign-in adapters, through the agent's ports: against the sandbox, against servers that fail on
//! purpose, over TLS, and against moto as an independent judge of signatures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod ambient;
mod bounds;
mod child;
mod codes;
mod faults;
mod keys;
mod moto;
mod narrowed;
mod network;
mod reach;
mod sessions;
mod signin;
mod skew;
mod stub;
mod support;
mod tls;
