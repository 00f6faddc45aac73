//! The session for whoever asks the endpoint, at once or not at all: SDKs wait two seconds and ask
//! three times (AWS_RULES 3.10). What takes longer goes on without them and serves a later one.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use daypass_core::problem::{Code, Problem};
use zeroize::Zeroizing;

/// The credentials as the endpoint sends them.
pub(super) type Body = Zeroizing<String>;

type Fetch = dyn Fn() -> Result<Body, Problem> + Send + Sync;
type Fetched = Result<Arc<Body>, Problem>;

/// One question to the agent at a time, shared by all who ask meanwhile.
pub(super) struct Answers {
    fetch: Box<Fetch>,
    patience: Duration,
    current: Mutex<Option<Arc<Question>>>,
}

#[derive(Default)]
struct Question {
    answer: Mutex<Option<Fetched>>,
    answered: Condvar,
}

impl Answers {
    /// Answers that `fetch` gets, for callers with so much patience.
    pub(super) fn new(
        patience: Duration,
        fetch: impl Fn() -> Result<Body, Problem> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            fetch: Box::new(fetch),
            patience,
            current: Mutex::new(None),
        })
    }

    /// The session, or why there is none in time.
    pub(super) fn get(self: &Arc<Self>) -> Fetched {
        let question = self.question()?;
        let waiting = |answer: &mut Option<Fetched>| answer.is_none();
        let (answer, _) = question
            .answered
            .wait_timeout_while(lock(&question.answer), self.patience, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        answer.clone().unwrap_or_else(|| Err(not_yet()))
    }

    fn question(self: &Arc<Self>) -> Result<Arc<Question>, Problem> {
        let mut current = lock(&self.current);
        if let Some(question) = current.as_ref() {
            return Ok(Arc::clone(question));
        }
        let question = Arc::new(Question::default());
        let (answers, asked) = (Arc::clone(self), Arc::clone(&question));
        thread::Builder::new()
            .spawn(move || answers.ask(&asked))
            .map_err(|_| not_yet())?;
        *current = Some(Arc::clone(&question));
        Ok(question)
    }

    fn ask(&self, question: &Question) {
        let answer = (self.fetch)().map(Arc::new);
        *lock(&self.current) = None;
        *lock(&question.answer) = Some(answer);
        question.answered.notify_all();
    }
}

fn not_yet() -> Problem {
    Problem::passing(
        Code::CodeNeeded,
        "Daypass has no session yet; it waits for a code from your MFA device, or for AWS.",
        "If its window asks for a code, enter it, then run this again.",
    )
}

/// Nothing in here panics with a lock held, and the values are whole in any case.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;

    #[test]
    fn a_session_that_takes_long_serves_a_later_caller() {
        let (let_it, allowed) = mpsc::channel();
        let allowed = Mutex::new(allowed);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let answers = Answers::new(Duration::from_millis(1), move || {
            counted.fetch_add(1, Ordering::SeqCst);
            lock(&allowed).recv().unwrap();
            Ok(Zeroizing::new("session".to_owned()))
        });
        for _ in 0..3 {
            let refused = answers.get().unwrap_err();
            assert_eq!(refused.code, Code::CodeNeeded);
        }
        let question = answers.question().unwrap();
        let_it.send(()).unwrap();
        let answer = question
            .answered
            .wait_while(lock(&question.answer), |answer| answer.is_none())
            .unwrap();
        assert_eq!(
            answer.as_ref().unwrap().as_ref().unwrap().as_str(),
            "session"
        );
        assert_eq!(
            calls.load(Ordering::SeqCst),
            1,
            "one question for all of them"
        );
    }

    #[test]
    fn a_failure_is_told_and_asked_again() {
        let answers = Answers::new(Duration::from_secs(60), || Err(Problem::usage("no")));
        assert_eq!(answers.get().unwrap_err().what, "no");
        assert_eq!(answers.get().unwrap_err().what, "no");
    }
}
