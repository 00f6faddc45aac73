//! The vault's own thread. A locked keychain with nobody at its prompt never answers, so callers
//! wait for a bounded time, and the call that hangs holds up nothing else (R9). When there is
//! reason to believe that the keychain is back, another thread takes its place.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use daypass_core::name::Name;
use daypass_shared_files::import::ForeignKey;
use tokio::sync::{oneshot, watch};

use crate::{
    ports::{Vault, VaultError, VaultItem},
    runtime::{Runtime, within},
    seal::SealingKey,
};

/// How long a caller waits for the vault.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// For a call that should take milliseconds.
    Short,
    /// For a call that may raise the keychain's own prompt while a person looks at it.
    Prompt,
}

/// After this a call is held up: somebody has to do something about the keychain.
const SHORT: Duration = Duration::from_secs(5);
const PROMPT: Duration = Duration::from_secs(120);

impl Patience {
    /// How long a caller goes on waiting once its call is held up.
    const fn rest(self) -> Duration {
        match self {
            Self::Short => Duration::ZERO,
            Self::Prompt => PROMPT.saturating_sub(SHORT),
        }
    }
}

/// So many threads may hang in calls that were given up; then no further one is started.
const MOST_LOST: u32 = 8;

/// A call that waits for its turn.
struct Job {
    given_up: Arc<AtomicBool>,
    run: Run,
}

/// Makes the call, or without a vault only finds that it is locked.
type Run = Box<dyn FnOnce(Option<&dyn Vault>) -> Made + Send>;

/// A call that was made.
struct Made {
    /// Whether a person did not want to unlock the vault.
    declined: bool,
    /// Tells the caller, who may ask again at once.
    tell: Box<dyn FnOnce()>,
}

/// The handle to the vault's thread.
#[derive(Clone)]
pub struct VaultThread {
    jobs: mpsc::Sender<Job>,
    crew: Arc<Crew>,
    /// Measures the patience.
    runtime: Arc<dyn Runtime>,
}

/// The thread that makes the calls, and those that were lost before it.
struct Crew {
    vault: Box<dyn Vault>,
    /// Only the thread whose turn it is looks here.
    queue: Mutex<mpsc::Receiver<Job>>,
    turn: Mutex<Turn>,
    held_up: watch::Sender<bool>,
}

struct Turn {
    /// The thread that makes the calls.
    thread: u32,
    /// Whether the call that it makes now was given up.
    given_up: Option<Arc<AtomicBool>>,
    /// How many threads hang in calls that were given up.
    lost: u32,
}

impl VaultThread {
    /// Starts the thread. It ends with the last handle; one that hangs ends with the process.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(vault: Box<dyn Vault>, runtime: Arc<dyn Runtime>) -> std::io::Result<Self> {
        let this = Self::without_thread(vault, runtime);
        this.crew.spawn(0)?;
        Ok(this)
    }

    /// A handle whose calls are answered by [`Self::answer_next`], until there is a thread.
    pub(crate) fn without_thread(vault: Box<dyn Vault>, runtime: Arc<dyn Runtime>) -> Self {
        let (jobs, queue) = mpsc::channel();
        let crew = Arc::new(Crew {
            vault,
            queue: Mutex::new(queue),
            turn: Mutex::new(Turn {
                thread: 0,
                given_up: None,
                lost: 0,
            }),
            held_up: watch::Sender::new(false),
        });
        Self {
            jobs,
            crew,
            runtime,
        }
    }

    /// Makes the next call here; true when there was one.
    #[cfg(test)]
    pub(crate) fn answer_next(&self) -> bool {
        let job = lock(&self.crew.queue).try_recv();
        job.is_ok_and(|job| self.crew.make(job, 0))
    }

    /// Whether a call takes longer than one that nobody has to do anything for.
    pub fn held_up(&self) -> watch::Receiver<bool> {
        self.crew.held_up.subscribe()
    }

    /// Leaves a call behind that hangs and that nobody waits for any longer, because the keychain
    /// may be back. What is queued is then done by a new thread.
    pub fn take_over(&self) {
        let mut turn = lock(&self.crew.turn);
        let hangs = |given_up: &Arc<AtomicBool>| given_up.load(Ordering::Acquire);
        if !turn.given_up.as_ref().is_some_and(hangs) || turn.lost == MOST_LOST {
            return;
        }
        // Without another thread things stay as they are.
        if self.crew.spawn(turn.thread + 1).is_ok() {
            turn.thread += 1;
            turn.lost += 1;
            turn.given_up = None;
            self.crew.held_up.send_replace(false);
        }
    }

    /// Whether the vault would answer, without asking a person for anything.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn probe(&self) -> Result<(), VaultError> {
        self.call(Patience::Short, false, |vault, _| vault.probe())
            .await
    }

    /// Reads an identity's key.
    ///
    /// # Errors
    /// See [`VaultError`]; [`VaultError::Locked`] also when the patience ends, and when a person
    /// didn't want to unlock the vault for a call before this one.
    pub async fn read(
        &self,
        identity: Name,
        patience: Patience,
    ) -> Result<Option<VaultItem>, VaultError> {
        self.call(patience, true, move |vault, _| vault.read(&identity))
            .await
    }

    /// Stores an identity's key.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn write(&self, identity: Name, item: VaultItem) -> Result<(), VaultError> {
        self.call(Patience::Prompt, true, move |vault, _| {
            vault.write(&identity, &item)
        })
        .await
    }

    /// Changes what is stored of an identity, with no other call between reading and writing.
    /// Yields what is stored then; nothing where there was nothing, or `change` did not want it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn change(
        &self,
        identity: Name,
        patience: Patience,
        change: impl FnOnce(&mut VaultItem) -> bool + Send + 'static,
    ) -> Result<Option<VaultItem>, VaultError> {
        self.call(patience, true, move |vault, given_up| {
            let Some(mut item) = vault.read(&identity)? else {
                return Ok(None);
            };
            // Reading may have raised a prompt that was answered long after. Nobody hears this;
            // to be called locked would turn away those behind it.
            if given_up.load(Ordering::Acquire) {
                return Err(lost());
            }
            if !change(&mut item) {
                return Ok(None);
            }
            vault.write(&identity, &item)?;
            Ok(Some(item))
        })
        .await
    }

    /// Forgets an identity's key.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn delete(&self, identity: Name) -> Result<(), VaultError> {
        self.call(Patience::Prompt, true, move |vault, _| {
            vault.delete(&identity)
        })
        .await
    }

    /// Keys that other programs keep in the same place.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        self.call(Patience::Prompt, true, |vault, _| vault.foreign_keys())
            .await
    }

    /// The key that sessions on disk are sealed with; made and stored when there is none yet.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn data_key(&self) -> Result<SealingKey, VaultError> {
        self.call(Patience::Short, true, |vault, _| vault.data_key())
            .await
    }

    /// `prompts` says whether the vault may ask a person for its password. A call of several
    /// steps looks whether it was given up meanwhile.
    async fn call<T: Send + 'static>(
        &self,
        patience: Patience,
        prompts: bool,
        call: impl FnOnce(&dyn Vault, &AtomicBool) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, mut answered) = oneshot::channel();
        let given_up = Arc::new(AtomicBool::new(false));
        let is_given_up = Arc::clone(&given_up);
        let job = Job {
            given_up: Arc::clone(&given_up),
            run: Box::new(move |vault| {
                let result = match vault {
                    Some(vault) => call(vault, &is_given_up),
                    None => Err(VaultError::Locked),
                };
                Made {
                    declined: prompts && matches!(result, Err(VaultError::Locked)),
                    // A caller who has gone hears nothing.
                    tell: Box::new(|| drop(answer.send(result))),
                }
            }),
        };
        self.jobs.send(job).map_err(|_| VaultError::Missing)?;
        if let Some(answer) = within(&*self.runtime, SHORT, &mut answered).await {
            return answer.map_err(|_| lost())?;
        }
        self.crew.hold_up();
        if let Some(answer) = within(&*self.runtime, patience.rest(), answered).await {
            return answer.map_err(|_| lost())?;
        }
        given_up.store(true, Ordering::Release);
        Err(VaultError::Locked)
    }
}

fn lost() -> VaultError {
    VaultError::Failed("its answer was lost".to_owned())
}

impl Crew {
    fn spawn(self: &Arc<Self>, thread: u32) -> std::io::Result<()> {
        let crew = Arc::clone(self);
        thread::Builder::new()
            .name("vault".to_owned())
            .spawn(move || crew.work(thread))?;
        Ok(())
    }

    fn work(&self, thread: u32) {
        loop {
            let Ok(job) = lock(&self.queue).recv() else {
                return;
            };
            if !self.make(job, thread) {
                return;
            }
        }
    }

    /// Makes a call that was not given up. Whether it is still this thread's turn.
    fn make(&self, job: Job, thread: u32) -> bool {
        if !self.begin(&job) {
            return true;
        }
        // A panic in a store's library costs its call and no other.
        let made = catch_unwind(AssertUnwindSafe(|| (job.run)(Some(&*self.vault))));
        let goes_on = self.end(thread);
        let Ok(made) = made else {
            return goes_on;
        };
        if goes_on && made.declined {
            self.turn_away();
        }
        (made.tell)();
        goes_on
    }

    /// Whoever gave a call up was told that it did not happen, so it must not happen later.
    fn begin(&self, job: &Job) -> bool {
        let mut turn = lock(&self.turn);
        if job.given_up.load(Ordering::Acquire) {
            return false;
        }
        turn.given_up = Some(Arc::clone(&job.given_up));
        true
    }

    /// Whether it is still this thread's turn.
    fn end(&self, thread: u32) -> bool {
        let mut turn = lock(&self.turn);
        if turn.thread != thread {
            turn.lost -= 1;
            return false;
        }
        turn.given_up = None;
        self.release();
        true
    }

    fn hold_up(&self) {
        let turn = lock(&self.turn);
        if turn.given_up.is_some() {
            self.held_up.send_replace(true);
        }
    }

    fn release(&self) {
        self.held_up
            .send_if_modified(|held_up| std::mem::replace(held_up, false));
    }

    /// A person who has cancelled the vault's prompt is not shown it again for those who already
    /// wait: they are told at once.
    fn turn_away(&self) {
        let queue = lock(&self.queue);
        while let Ok(job) = queue.try_recv() {
            ((job.run)(None).tell)();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::Condvar,
        task::{Context, Wake, Waker},
    };

    use daypass_core::secret::{AccessKey, Secret};
    use futures_util::FutureExt;

    use super::*;
    use crate::runtime::Tokio;

    type Gate = Arc<(Mutex<bool>, Condvar)>;

    /// A keychain that lets nobody read until the gate opens, and then says what it is told to.
    struct Stuck {
        gate: Gate,
        calls: Arc<Mutex<Vec<&'static str>>>,
        says: Result<(), VaultError>,
    }

    /// Asks once more, as soon as it hears the answer.
    struct AskAgain(VaultThread);

    impl Wake for AskAgain {
        fn wake(self: Arc<Self>) {
            let _ = self.0.probe().now_or_never();
        }
    }

    impl Stuck {
        fn start(
            says: Result<(), VaultError>,
        ) -> (VaultThread, Gate, Arc<Mutex<Vec<&'static str>>>) {
            let gate = Gate::default();
            let calls = Arc::default();
            let stuck = Self {
                gate: Arc::clone(&gate),
                calls: Arc::clone(&calls),
                says,
            };
            let vault = VaultThread::start(Box::new(stuck), Arc::new(Tokio)).unwrap();
            (vault, gate, calls)
        }
    }

    fn item() -> VaultItem {
        let secret = Secret::new("a".repeat(40));
        VaultItem {
            key: AccessKey::parse("AKIAIOSFODNN7EXAMPLE", secret).unwrap(),
            mfa_serials: Vec::new(),
            user_arn: "arn:aws:iam::111122223333:user/ada".to_owned(),
            created_at: None,
            rotation: None,
        }
    }

    fn open(gate: &Gate) {
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    }

    impl Vault for Stuck {
        fn probe(&self) -> Result<(), VaultError> {
            self.calls.lock().unwrap().push("probe");
            Ok(())
        }

        fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError> {
            assert_ne!(identity.as_str(), "panic", "as it was told to");
            self.calls.lock().unwrap().push("read");
            let (open, opened) = &*self.gate;
            drop(
                opened
                    .wait_while(open.lock().unwrap(), |open| !*open)
                    .unwrap(),
            );
            let stored = (identity.as_str() == "stored").then(item);
            self.says.clone().map(|()| stored)
        }

        fn write(&self, _: &Name, _: &VaultItem) -> Result<(), VaultError> {
            self.calls.lock().unwrap().push("write");
            Ok(())
        }

        fn delete(&self, _: &Name) -> Result<(), VaultError> {
            self.calls.lock().unwrap().push("delete");
            Ok(())
        }

        fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
            unreachable!("the tests import nothing")
        }

        fn data_key(&self) -> Result<SealingKey, VaultError> {
            unreachable!("the test only reads and deletes")
        }
    }

    fn work() -> Name {
        Name::parse("work").unwrap()
    }

    /// Waits until the vault was called so often.
    async fn until_calls(calls: &Mutex<Vec<&'static str>>, count: usize) {
        while calls.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    }

    /// A read that is given up in the middle of the call. While the runtime has something to do,
    /// paused time stands still.
    async fn hang(vault: &VaultThread, calls: &Mutex<Vec<&'static str>>) {
        assert_eq!(given_up(vault, calls, Patience::Short).await, SHORT);
    }

    /// How long a read waits that nobody answers.
    async fn given_up(
        vault: &VaultThread,
        calls: &Mutex<Vec<&'static str>>,
        patience: Patience,
    ) -> Duration {
        let before = calls.lock().unwrap().len();
        let began = tokio::time::Instant::now();
        let read = vault.read(work(), patience);
        let (read, ()) = tokio::join!(read, until_calls(calls, before + 1));
        assert_eq!(read.map(|_| ()), Err(VaultError::Locked));
        Duration::from_secs(began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn r9_a_person_has_two_minutes_for_the_keychains_password() {
        let (vault, gate, calls) = Stuck::start(Ok(()));
        assert_eq!(given_up(&vault, &calls, Patience::Prompt).await, PROMPT);
        open(&gate);
    }

    #[tokio::test(start_paused = true)]
    async fn r9_a_prompt_that_nobody_answers_costs_five_seconds_and_nothing_happens_later() {
        let (vault, gate, calls) = Stuck::start(Ok(()));
        hang(&vault, &calls).await;
        assert_eq!(vault.delete(work()).await, Err(VaultError::Locked));

        open(&gate);
        tokio::time::resume();
        assert!(vault.read(work(), Patience::Short).await.unwrap().is_none());
        assert!(
            !calls.lock().unwrap().contains(&"delete"),
            "an abandoned delete ran"
        );
    }

    /// The person unlocks long after the caller was told that nothing was changed.
    #[tokio::test(start_paused = true)]
    async fn r9_a_change_that_was_given_up_while_it_was_read_is_not_written() {
        let (vault, gate, calls) = Stuck::start(Ok(()));
        let stored = Name::parse("stored").unwrap();
        let changer = vault.clone();
        let name = stored.clone();
        let change =
            tokio::spawn(async move { changer.change(name, Patience::Short, |_| true).await });
        until_calls(&calls, 1).await;
        assert!(matches!(change.await.unwrap(), Err(VaultError::Locked)));

        open(&gate);
        tokio::time::resume();
        assert_eq!(vault.probe().await, Ok(()));
        assert_eq!(*calls.lock().unwrap(), ["read", "probe"]);
        let changed = vault.change(stored, Patience::Short, |_| true).await;
        assert!(changed.unwrap().is_some());
        assert_eq!(*calls.lock().unwrap(), ["read", "probe", "read", "write"]);
    }

    /// What is held up is known before the one who waits for it gives up, and its end too.
    #[tokio::test(start_paused = true)]
    async fn r9_a_call_that_waits_for_a_person_is_known_to() {
        let (vault, gate, calls) = Stuck::start(Ok(()));
        let mut held_up = vault.held_up();
        let reader = vault.clone();
        let read = tokio::spawn(async move { reader.read(work(), Patience::Prompt).await });
        until_calls(&calls, 1).await;
        held_up.wait_for(|held_up| *held_up).await.unwrap();
        assert!(!read.is_finished());
        open(&gate);
        tokio::time::resume();
        held_up.wait_for(|held_up| !held_up).await.unwrap();
        assert!(read.await.unwrap().unwrap().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn r10_another_thread_takes_over_from_a_call_that_never_returns() {
        let (vault, gate, calls) = Stuck::start(Ok(()));
        hang(&vault, &calls).await;
        vault.take_over();
        tokio::time::resume();
        assert_eq!(vault.delete(work()).await, Ok(()));
        // The lost thread comes back, and takes no call from the other one.
        open(&gate);
        for _ in 0..3 {
            assert_eq!(vault.probe().await, Ok(()));
        }
        let calls = calls.lock().unwrap().clone();
        assert_eq!(calls, ["read", "delete", "probe", "probe", "probe"]);
    }

    /// A call that somebody waits for is not left behind, and there is an end to those that are.
    #[tokio::test(start_paused = true)]
    async fn r10_threads_are_lost_only_to_calls_that_were_given_up_and_so_many() {
        let (vault, gate, calls) = Stuck::start(Ok(()));
        let reader = vault.clone();
        let read = tokio::spawn(async move { reader.read(work(), Patience::Prompt).await });
        until_calls(&calls, 1).await;
        let mut held_up = vault.held_up();
        held_up.wait_for(|held_up| *held_up).await.unwrap();
        vault.take_over();
        assert_eq!(lock(&vault.crew.turn).lost, 0);
        assert!(read.await.unwrap().is_err());

        for lost in 1..=MOST_LOST {
            vault.take_over();
            assert_eq!(lock(&vault.crew.turn).lost, lost);
            hang(&vault, &calls).await;
        }
        vault.take_over();
        assert_eq!(lock(&vault.crew.turn).lost, MOST_LOST);
        let most = usize::try_from(MOST_LOST).unwrap();
        assert_eq!(calls.lock().unwrap().len(), most + 1);

        tokio::time::resume();
        open(&gate);
        assert_eq!(vault.probe().await, Ok(()));
        while lock(&vault.crew.turn).lost > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// One prompt is cancelled, not one for each identity.
    #[tokio::test]
    async fn r9_a_cancelled_prompt_is_told_to_all_who_wait_at_once() {
        let (vault, gate, calls) = Stuck::start(Err(VaultError::Locked));
        // Polled in this order, so that all have asked before the prompt is cancelled.
        let (first, second, delete, ()) = tokio::join!(
            vault.read(work(), Patience::Prompt),
            vault.read(work(), Patience::Prompt),
            vault.delete(work()),
            async {
                until_calls(&calls, 1).await;
                open(&gate);
            }
        );
        for read in [first, second] {
            assert_eq!(read.map(|_| ()), Err(VaultError::Locked));
        }
        assert_eq!(delete, Err(VaultError::Locked));
        assert_eq!(*calls.lock().unwrap(), ["read"]);
        assert_eq!(vault.probe().await, Ok(()), "who asks later is heard");
    }

    /// They have not waited at the prompt that was cancelled.
    #[tokio::test]
    async fn r9_who_hears_of_a_cancelled_prompt_and_asks_again_is_heard() {
        let stuck = Stuck {
            gate: Gate::default(),
            calls: Arc::default(),
            says: Err(VaultError::Locked),
        };
        open(&stuck.gate);
        let vault = VaultThread::without_thread(Box::new(stuck), Arc::new(Tokio));
        let mut read = pin!(vault.read(work(), Patience::Short));
        let waker = Waker::from(Arc::new(AskAgain(vault.clone())));
        let waits = read.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(waits.is_pending());
        assert!(vault.answer_next());
        assert!(vault.answer_next(), "the second call was turned away");
    }

    #[tokio::test]
    async fn r10_a_library_that_panics_costs_one_call() {
        let (vault, _, _) = Stuck::start(Ok(()));
        let panic = Name::parse("panic").unwrap();
        let read = vault.read(panic, Patience::Short).await.map(|_| ());
        assert!(matches!(read, Err(VaultError::Failed(_))), "{read:?}");
        assert_eq!(vault.probe().await, Ok(()));
    }
}
