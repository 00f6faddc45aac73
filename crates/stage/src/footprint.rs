//! What a running process takes up.

use std::fs;

use crate::{Error, Result};

/// Memory, descriptors and threads of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Its share of memory (PSS), in KiB.
    pub memory: u64,
    /// Open files and sockets.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
}

impl Footprint {
    /// Looks into `/proc`. Of the agent, which is closed to its own user (T4), only root sees that
    /// much.
    ///
    /// # Errors
    /// When the process has ended or does not let us look.
    pub fn of(process: u32) -> Result<Self> {
        let unseen = |error| Error::new(format!("process {process} cannot be looked at: {error}"));
        let entries = |folder: &str| {
            let entries = fs::read_dir(format!("/proc/{process}/{folder}"));
            entries.map(Iterator::count).map_err(unseen)
        };
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).map_err(unseen)?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let memory = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Ok(Self {
            memory: memory.ok_or_else(|| Error::new("there is no Pss in smaps_rollup"))?,
            descriptors: entries("fd")?,
            threads: entries("task")?,
        })
    }
}
