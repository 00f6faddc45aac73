//! What stays English, and why.

/// Files whose words no window, notification or menu shows.
pub(crate) const FILES: [(&str, &str); 11] = [
    (
        "crates/agent/src/hardening.rs",
        "at the start, on a terminal",
    ),
    ("crates/agent/src/headless.rs", "an agent without a screen"),
    (
        "crates/agent/src/runtime_dir.rs",
        "at the start, on a terminal",
    ),
    ("crates/agent/src/start.rs", "at the start, on a terminal"),
    (
        "crates/core/src/journal.rs",
        "`daypass log`; the page has sentences of its own",
    ),
    ("crates/core/src/paths.rs", "at the start, on a terminal"),
    ("crates/core/src/policy.rs", "options of the command line"),
    ("crates/core/src/shell.rs", "commands of shells"),
    ("crates/core/src/when.rs", "options of the command line"),
    (
        "crates/shared-files/src/profiles/block.rs",
        "`daypass profiles`",
    ),
    ("src-tauri/src/lib.rs", "at the start, on a terminal"),
];

/// Literals of other files.
pub(crate) const LITERALS: [(&str, &[&str]); 7] = [
    (
        "what AWS and libraries say, to be recognised",
        &[
            "MultiFactorAuthentication failed with invalid MFA one time pass code",
            "Signature expired",
            "Signature not yet current",
            "canonical string",
            "dns error",
            "string to sign",
            "tunnel error: proxy authorization required",
            "tunnel error: unsuccessful",
            "unable to validate MFA code",
            " (deleted)",
            " (os error",
            " session (",
        ],
    ),
    (
        "names, and what other programs read",
        &[
            " --background",
            " HTTP/1.1",
            "302 Found",
            "403 Forbidden",
            "404 Not Found",
            "410 Gone",
            "Desktop Entry",
            "GET ",
            "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n",
            "Local State",
            "iam",
            "nobody",
            "Open external links in a container",
            "[Desktop Entry]\nType=Application\nName=Daypass\nComment=One MFA code in the morning, AWS all day\nExec={} --background\nTerminal=false\n",
            "[{}]\ncredential_process = {}\n",
            "profile \"{}\"",
            "profile '{}'",
            "profile {}",
            "region = {}\n",
            "secretsmanager {}",
            "short waits",
            "sts {}",
            "{} credentials {}",
            "{}= (hidden){}",
        ],
    ),
    (
        "the same in every language",
        &["[{}] in {}", "{} in {}", "{} ms"],
    ),
    ("in the journal, as what the file has", &["account {}"]),
    (
        "written for others than the person here",
        &[
            "A temporary AWS session, published by Daypass.",
            "Locks its sessions before sleep",
        ],
    ),
    (
        "pages in a browser, whose reader may be anybody",
        &[
            "This link belongs to another user of this computer.",
            "This sign-in link was already used. Open the console from Daypass again.",
        ],
    ),
    (
        "on a terminal, to programs that speak the protocol wrongly, or where there is always a name",
        &[
            "Daypass got {}.",
            "Daypass is already running, but does not answer.",
            "End it in your system monitor, then start it again.",
            "The program",
            "The tray could not be started: {}.",
        ],
    ),
];
