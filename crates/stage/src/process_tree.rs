//! A process and all that it started.

use std::{collections::BTreeMap, fs};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, Footprint, Result, wait};

/// A process and its descendants, as they were at one moment; the process itself is first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessTree(Vec<u32>);

impl ProcessTree {
    /// Looks through `/proc`.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn of(root: u32) -> Result<Self> {
        let mut parents = BTreeMap::new();
        for process in numbers("/proc")? {
            // It may have ended since.
            if let Some(parent) = parent(process) {
                parents.insert(process, parent);
            }
        }
        let mut tree = vec![root];
        let mut next = 0;
        while let Some(&process) = tree.get(next) {
            let children = parents.iter().filter(|(_, parent)| **parent == process);
            tree.extend(children.map(|(child, _)| *child));
            next += 1;
        }
        Ok(Self(tree))
    }

    /// All of them.
    pub fn ids(&self) -> &[u32] {
        &self.0
    }

    /// The names of their programs, as far as the kernel keeps them.
    ///
    /// # Errors
    /// When one has ended.
    pub fn names(&self) -> Result<Vec<String>> {
        let name = |process| fs::read_to_string(format!("/proc/{process}/comm"));
        let names = self.0.iter().map(name);
        names.map(|name| Ok(name?.trim_end().to_owned())).collect()
    }

    /// The share of memory (PSS) of each, in KiB.
    ///
    /// # Errors
    /// When one has ended or does not let us look.
    pub fn memory(&self) -> Result<Vec<u64>> {
        let memory = |process: &u32| Ok(Footprint::of(*process)?.memory);
        self.0.iter().map(memory).collect()
    }

    /// How often each of their threads, by its number, has gone to sleep so far, each time to be
    /// woken again.
    ///
    /// # Errors
    /// When a process has ended.
    pub fn switches(&self) -> Result<BTreeMap<u32, u64>> {
        let mut switches = BTreeMap::new();
        for process in &self.0 {
            let tasks = format!("/proc/{process}/task");
            for thread in numbers(&tasks)? {
                // A thread may have ended since.
                let Ok(status) = fs::read_to_string(format!("{tasks}/{thread}/status")) else {
                    continue;
                };
                let line = status
                    .lines()
                    .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
                let count = line.and_then(|line| line.trim().parse().ok());
                let count =
                    count.ok_or_else(|| Error::new("the kernel does not count switches"))?;
                switches.insert(thread, count);
            }
        }
        Ok(switches)
    }

    /// Asks the first one to end, and waits until all have.
    ///
    /// # Errors
    /// When one stays.
    pub fn end(&self) -> Result<()> {
        let root = self.0.first().copied().unwrap_or_default();
        if let Some(root) = Pid::from_raw(root.cast_signed()) {
            // It may have ended already.
            let _ = kill_process(root, Signal::TERM);
        }
        wait::until("processes to end", || {
            let alive = self.0.iter().any(|process| parent(*process).is_some());
            (!alive).then_some(())
        })
    }
}

/// The entries of a folder that are numbers.
fn numbers(folder: &str) -> Result<Vec<u32>> {
    let entries = fs::read_dir(folder)?;
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    Ok(entries.flatten().filter_map(number).collect())
}

/// Who started a process that has not ended.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (state != "Z").then_some(parent)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::Process;

    #[test]
    fn the_tree_has_children_and_their_children_and_ends_with_its_root() {
        let mut shell = Command::new("sh");
        // The trailing command keeps a shell from becoming its child.
        shell.args(["-c", "sh -c 'cat; true'; true"]);
        let shell = Process::start(shell.stdin(Stdio::piped())).unwrap();
        let tree = wait::until("three processes", || {
            let tree = ProcessTree::of(shell.id()).ok()?;
            (tree.names().ok()? == ["sh", "sh", "cat"]).then_some(tree)
        })
        .unwrap();
        assert_eq!(tree.ids()[0], shell.id());
        assert!(tree.memory().unwrap().iter().all(|memory| *memory > 0));
        assert_eq!(tree.switches().unwrap().len(), 3);
        // Its input ends with it, and with that the others.
        drop(shell);
        tree.end().unwrap();
        assert_eq!(ProcessTree::of(tree.ids()[1]).unwrap().ids().len(), 1);
    }
}
