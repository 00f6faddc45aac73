use daypass_core::problem::Problem;

use super::print;
use crate::{args::ShellName, complete};

pub(super) fn run(shell: ShellName) -> Result<(), Problem> {
    print(&complete::registration(match shell {
        ShellName::Bash => "bash",
        ShellName::Zsh => "zsh",
        ShellName::Fish => "fish",
        ShellName::PowerShell => "powershell",
    })?)
}
