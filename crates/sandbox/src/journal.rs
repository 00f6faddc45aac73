//! What was asked for, for tests that count calls. Nothing in it is secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::credentials::SessionContext;

/// How much of a text that the client chose is kept.
const TEXT_LIMIT: usize = 256;
/// As much as AWS takes.
const POLICY_LIMIT: usize = 2048;
/// As many elements of a list as AWS takes.
const LIST_LIMIT: usize = 50;

/// One call.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Entry {
    pub(crate) n: u64,
    /// RFC 3339, on the sandbox's clock.
    pub(crate) time: String,
    pub(crate) op: String,
    pub(crate) access_key_id: Option<String>,
    pub(crate) identity_arn: Option<String>,
    pub(crate) secret_id: Option<String>,
    pub(crate) client_request_token: Option<String>,
    /// The MFA device that a code was sent for.
    pub(crate) serial: Option<String>,
    /// The time step of that code, when it was one of the device's.
    pub(crate) step: Option<i64>,
    pub(crate) role_arn: Option<String>,
    pub(crate) session_name: Option<String>,
    /// Of the session that was asked for, with what it inherited once there is one; of the session that signs in.
    pub(crate) source_identity: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) transitive_tag_keys: BTreeSet<String>,
    pub(crate) policy_arns: Vec<String>,
    /// An inline session policy.
    pub(crate) policy: Option<String>,
    /// As it was sent, or would have been had the answer not been lost; 0 when a reset came before the call was done.
    pub(crate) status: u16,
    /// The ordered failure that happened, other than a delay.
    pub(crate) fault: Option<&'static str>,
    pub(crate) error: Option<String>,
    /// The duration that was asked for, in seconds.
    pub(crate) duration: Option<i64>,
    pub(crate) user_agent: Option<String>,
    /// A secret was seen in the URL's query string.
    pub(crate) query_secret: bool,
}

/// The calls so far, in memory and in a file when one was named.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    file: Option<File>,
}

impl Journal {
    /// Also writes each entry to `path` as a line of JSON.
    pub(crate) fn with_file(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            entries: Vec::new(),
            file: Some(File::create(path)?),
        })
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Numbers the entry from 1 and keeps it.
    pub(crate) fn add(&mut self, mut entry: Entry) {
        entry.n = self.entries.len() as u64 + 1;
        entry.shorten();
        if let Some(file) = &mut self.file {
            // A full disk must not change what a client sees.
            let _ = write_line(file, &entry);
        }
        self.entries.push(entry);
    }
}

fn write_line(file: &mut File, entry: &Entry) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    file.write_all(&line)?;
    file.flush()
}

impl Entry {
    /// What a session has.
    pub(crate) fn describe_session(&mut self, session: &SessionContext) {
        self.source_identity = session.source_identity.clone();
        self.tags = session.tags.clone();
        self.transitive_tag_keys = session.transitive_keys.clone();
        self.policy_arns = session.policy_arns.clone();
    }

    fn shorten(&mut self) {
        self.op = self.op.chars().take(TEXT_LIMIT).collect();
        let texts = [
            &mut self.access_key_id,
            &mut self.secret_id,
            &mut self.client_request_token,
            &mut self.serial,
            &mut self.role_arn,
            &mut self.session_name,
            &mut self.source_identity,
            &mut self.user_agent,
        ];
        for text in texts.into_iter().flatten() {
            *text = text.chars().take(TEXT_LIMIT).collect();
        }
        if let Some(policy) = &mut self.policy {
            *policy = policy.chars().take(POLICY_LIMIT).collect();
        }
        self.policy_arns.truncate(LIST_LIMIT);
        let short = |text: &String| text.chars().take(TEXT_LIMIT).collect::<String>();
        self.policy_arns = self.policy_arns.iter().map(short).collect();
        let tags = self.tags.iter().take(LIST_LIMIT);
        self.tags = tags
            .map(|(key, value)| (short(key), short(value)))
            .collect();
        let keys = self.transitive_tag_keys.iter().take(LIST_LIMIT);
        self.transitive_tag_keys = keys.map(short).collect();
    }
}
