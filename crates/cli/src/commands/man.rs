//! The man pages, of the same definition that the help is made of.

use std::path::Path;

use clap::CommandFactory;
use daypass_core::problem::{Code, Problem};

use crate::args::Args;

pub(super) fn run(folder: &Path) -> Result<(), Problem> {
    clap_mangen::generate_to(Args::command(), folder).map_err(|error| {
        Problem::yours(
            Code::Failed,
            format!(
                "The man pages cannot be written to {}: {error}.",
                folder.display()
            ),
            "",
        )
    })
}
