//! What tray and popup take up while nobody does anything.

use std::{collections::BTreeMap, thread, time::Duration};

use daypass_stage::{Error, ProcessTree, Result};

use super::{window::Window, world::World};

/// For how long wake-ups are counted at a time.
const COUNTED: Duration = Duration::from_secs(10);
/// How often they are counted; what a start or a click has left to do falls into the first.
const COUNTS: usize = 3;
/// Between two looks that have to find the same.
const PAUSE: Duration = Duration::from_secs(1);
/// After so many looks it counts as never at rest.
const LOOKS: usize = 60;

/// The whole tree of processes, at rest.
struct Rest {
    names: Vec<String>,
    /// PSS of each, in KiB.
    memory: Vec<u64>,
    /// In [`COUNTED`], the median.
    wakeups: u64,
}

impl Rest {
    fn of(agent: u32) -> Result<Self> {
        settle(agent)?;
        let tree = ProcessTree::of(agent)?;
        let mut wakeups = Vec::new();
        for _ in 0..COUNTS {
            let before = tree.switches()?;
            thread::sleep(COUNTED);
            wakeups.push(woken(&before, &tree.switches()?));
        }
        if ProcessTree::of(agent)? != tree {
            return Err(Error::new("a process came or went while at rest"));
        }
        wakeups.sort_unstable();
        Ok(Self {
            names: tree.names()?,
            memory: tree.memory()?,
            wakeups: wakeups.get(COUNTS / 2).copied().unwrap_or_default(),
        })
    }

    fn total(&self) -> u64 {
        self.memory.iter().sum()
    }

    fn print(&self, state: &str, unused: u64) {
        let (total, seconds) = (self.total(), COUNTED.as_secs());
        println!(
            "{state:<54} {:>5}.{} x  ({total} KiB)  {:>4}.{} wake-ups/s",
            total / unused,
            total * 10 / unused % 10,
            self.wakeups / seconds,
            self.wakeups * 10 / seconds % 10,
        );
        let each = self.names.iter().zip(&self.memory);
        let each: Vec<String> = each
            .map(|(name, memory)| format!("{name} {memory}"))
            .collect();
        println!("    {}", each.join(", "));
    }
}

pub(super) fn print(world: &World) -> Result<()> {
    let agent = world.agent();
    let unused = Rest::of(agent)?;
    let window = Window::open(world)?;
    let open = Rest::of(agent)?;
    window.hide()?;
    let hidden = Rest::of(agent)?;
    window.end_process()?;
    let gone = Rest::of(agent)?;
    let unit = unused.total().max(1);
    println!();
    unused.print("tray and popup: popup never used", unit);
    open.print("tray and popup: popup open", unit);
    hidden.print("tray and popup: popup hidden", unit);
    gone.print("tray and popup: popup's process ended from here", unit);
    println!("(hidden for five minutes, it ends by itself)");
    Ok(())
}

/// Waits until the same processes have about as much memory as a moment ago.
fn settle(agent: u32) -> Result<()> {
    let mut last = None;
    for _ in 0..LOOKS {
        let tree = ProcessTree::of(agent)?;
        // One that ends just now is no rest.
        let memory = tree.memory().map(|each| each.iter().sum::<u64>());
        let now = memory.ok().map(|memory| (tree, memory));
        if is_same(last.as_ref(), now.as_ref()) {
            return Ok(());
        }
        last = now;
        thread::sleep(PAUSE);
    }
    Err(Error::new("tray and popup do not come to rest"))
}

/// Whether two looks found the same processes and, to a hundredth, the same memory.
fn is_same(last: Option<&(ProcessTree, u64)>, now: Option<&(ProcessTree, u64)>) -> bool {
    let (Some((tree, before)), Some((same, after))) = (last, now) else {
        return false;
    };
    tree == same && before.abs_diff(*after) * 100 <= *before
}

/// How often threads woke up between two counts. One that is new was woken from the start.
fn woken(before: &BTreeMap<u32, u64>, after: &BTreeMap<u32, u64>) -> u64 {
    let since = |(thread, count): (&u32, &u64)| {
        count.saturating_sub(before.get(thread).copied().unwrap_or_default())
    };
    after.iter().map(since).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_come_and_go_are_counted_as_far_as_they_are_seen() {
        let before = BTreeMap::from([(1, 100), (2, 5)]);
        let after = BTreeMap::from([(1, 130), (3, 7)]);
        assert_eq!(woken(&before, &after), 37);
    }
}
