//! The system, and where it says that things are.

use std::{
    io,
    os::unix::{fs::FileTypeExt, net::UnixStream},
    path::Path,
};

use daypass_core::{finding::Finding, paths::Paths};

/// What a reader of the report asks first.
pub(super) fn system() -> Finding {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let desktop = variable("XDG_CURRENT_DESKTOP").unwrap_or_else(|| "no desktop".to_owned());
    let kind = variable("XDG_SESSION_TYPE").unwrap_or_else(|| "unknown".to_owned());
    Finding::ok(
        "system",
        format!(
            "daypass {} on {} {}; {desktop}, session type {kind}.",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
        ),
    )
}

/// The variables that say where Daypass's folders are.
pub(super) fn variables() -> Vec<Finding> {
    const ABOUT: &str = "folders";
    let mut findings = Vec::new();
    for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        if value.is_some_and(|value| !Path::new(&value).is_absolute()) {
            findings.push(Finding::attention(
                ABOUT,
                format!("{name} is no absolute path, and is not used."),
                "Correct it where your session sets it.",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            ABOUT,
            "The variables that name folders make sense.",
        ));
    }
    findings
}

/// The agent's socket, whoever made it.
pub(super) fn socket(paths: &Paths, answers: bool) -> Finding {
    const ABOUT: &str = "socket";
    let path = paths.socket();
    let shown = path.display();
    if answers {
        return Finding::ok(ABOUT, format!("{shown} answers."));
    }
    let in_the_way = |what: &str| {
        Finding::broken(
            ABOUT,
            format!("{shown} {what}."),
            "Move it away, then start Daypass again.",
        )
    };
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Finding::ok(ABOUT, format!("There is none at {shown}: no agent runs."))
        }
        Err(error) => in_the_way(&format!("cannot be looked at: {error}")),
        Ok(metadata) if !metadata.file_type().is_socket() => in_the_way("is not a socket"),
        Ok(_) if UnixStream::connect(&path).is_err() => Finding::ok(
            ABOUT,
            format!("{shown} was left by an agent that has ended; the next one clears it."),
        ),
        Ok(_) => in_the_way("takes connections, but no agent of this version answers there"),
    }
}
