//! Every check and every test, in the order in which they fail soonest.

use std::process::Command;

use daypass_stage::{Error, Result, workspace};

use crate::{build, demo, step, step_in};

/// Who may depend on whom (DESIGN.md, "Layout"): a package and what must not be under it.
const WALLS: &[(&str, &[&str])] = &[
    (
        "daypass-core",
        &["tokio", "tauri", "daypass-agent", "daypass-client"],
    ),
    ("daypass-client", &["tokio", "tauri", "daypass-agent"]),
    (
        "daypass-cli",
        &["tokio", "tauri", "aws-config", "daypass-agent"],
    ),
    (
        "daypass-shared-files",
        &[
            "tokio",
            "tauri",
            "daypass",
            "daypass-agent",
            "daypass-client",
            "daypass-cli",
        ],
    ),
    ("daypass-agent", &["tauri", "daypass-client", "daypass-cli"]),
    (
        "daypass-sandbox",
        &[
            "tauri",
            "daypass-core",
            "daypass-agent",
            "daypass-client",
            "daypass-cli",
        ],
    ),
];

/// Runs everything.
pub(crate) fn run() -> Result<()> {
    step("cargo", &["fmt", "--all", "--check"])?;
    walls()?;
    step_in("ui", "npm", &["run", "check"])?;
    step_in("ui", "npm", &["test"])?;
    step_in("ui", "npm", &["run", "browser"])?;
    build::popup()?;
    step(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    step("cargo", &["build", "--workspace"])?;
    step(
        "target/test-python/bin/python",
        &["-m", "pytest", "--quiet", "tests/examples"],
    )?;
    step("cargo", &["test", "--workspace", "--exclude", "daypass"])?;
    // Each of these has a desktop of its own; two cores carry two at a time.
    step(
        "cargo",
        &["test", "-p", "daypass", "--", "--test-threads", "2"],
    )?;
    demo::run(true)
}

fn walls() -> Result<()> {
    for (package, forbidden) in WALLS {
        let output = Command::new("cargo")
            .args([
                "tree", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}",
            ])
            .current_dir(workspace())
            .output()?;
        if !output.status.success() {
            return Err(Error::new(format!("`cargo tree -p {package}` failed")));
        }
        let tree = String::from_utf8_lossy(&output.stdout);
        let below = |name: &&&str| {
            tree.lines()
                .any(|line| line.split(' ').next() == Some(**name))
        };
        if let Some(name) = forbidden.iter().find(below) {
            return Err(Error::new(format!(
                "{package} depends on {name}; dependencies point one way (ARCHITECTURE.md)"
            )));
        }
    }
    Ok(())
}
