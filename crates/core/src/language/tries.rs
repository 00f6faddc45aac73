//! A bound on the work for texts that anybody may have written (T8).

/// How many texts are looked at within one, whatever it holds.
pub(super) const MOST: usize = 256;

/// How many texts were looked at, and how many may be.
pub(super) struct Tries {
    spent: usize,
    most: usize,
}

impl Tries {
    pub(super) const fn new(most: usize) -> Self {
        Self { spent: 0, most }
    }

    /// Whether one more may be looked at.
    pub(super) const fn take(&mut self) -> bool {
        if self.are_over() {
            return false;
        }
        self.spent += 1;
        true
    }

    pub(super) const fn are_over(&self) -> bool {
        self.spent >= self.most
    }

    pub(super) const fn spent(&self) -> usize {
        self.spent
    }
}
