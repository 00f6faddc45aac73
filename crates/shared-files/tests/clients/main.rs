//! AWS's own tools on the files that we read and write: botocore reads them, the AWS CLI writes
//! them at the same time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

mod aws_cli;
mod botocore;
mod corpus;

use std::path::{Path, PathBuf};

/// A program of the Python that has boto3 and the AWS CLI.
fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/test-python/bin")
        .join(name);
    assert!(
        program.exists(),
        "no {}: run `cargo xtask test`, which installs it",
        program.display()
    );
    program
}
