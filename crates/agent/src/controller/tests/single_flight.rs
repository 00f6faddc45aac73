//! Single flight in any order of events: the real loop, its callers, a person and the vault are
//! tasks of shuttle, which runs them in a different order each time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use daypass_core::{
    duration::Duration as Length, partition::Partition, role::SessionKind, secret::AccessKey,
    secret::SessionCredentials,
};
use futures_util::future::{BoxFuture, pending};
use shuttle::future::{block_on, spawn, yield_now};

use super::super::*;
use super::world::{Fake, SERIAL, config, credentials, item, name, served, session_of};
use crate::{
    ports::{AssumeRole, Assumed, AwsCause, AwsError, Mfa, Source, Sts},
    runtime::Runtime,
    vault::Patience,
};

/// Orders that are tried.
const ORDERS: usize = 300;

/// The same orders each time.
const SEED: u64 = 4;
/// A stack for each task: unoptimised code has large frames, and shuttle's own are small.
const STACK: usize = 1 << 20;

fn in_any_order<S: Future<Output = ()> + 'static>(story: impl Fn() -> S + Send + Sync + 'static) {
    let mut config = shuttle::Config::new();
    config.stack_size = STACK;
    let orders = shuttle::scheduler::RandomScheduler::new_from_seed(SEED, ORDERS);
    shuttle::Runner::new(orders, config).run(move || block_on(story()));
}

/// Tasks in any order; time stands still.
struct AnyOrder;

impl Runtime for AnyOrder {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        drop(spawn(work));
    }

    fn wait(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

/// Patience that may end at any moment.
struct Impatient;

impl Runtime for Impatient {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        drop(spawn(work));
    }

    fn wait(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(yield_now())
    }
}

/// STS that lets others run before it answers, and counts who asks at the same time.
#[derive(Clone)]
struct Slow {
    sts: Fake,
    asking: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Slow {
    fn then<T: Send + 'static>(&self, answer: BoxFuture<'static, T>) -> BoxFuture<'static, T> {
        let this = self.clone();
        Box::pin(async move {
            let now = this.asking.fetch_add(1, Ordering::Relaxed) + 1;
            this.most.fetch_max(now, Ordering::Relaxed);
            yield_now().await;
            let answer = answer.await;
            yield_now().await;
            this.asking.fetch_sub(1, Ordering::Relaxed);
            answer
        })
    }
}

impl Sts for Slow {
    fn get_session_token(
        &self,
        key: AccessKey,
        mfa: Mfa,
        duration: Length,
        partition: Partition,
    ) -> BoxFuture<'static, Result<SessionCredentials, AwsError>> {
        self.then(self.sts.get_session_token(key, mfa, duration, partition))
    }

    fn assume_role(
        &self,
        source: Source,
        request: AssumeRole,
    ) -> BoxFuture<'static, Result<Assumed, AwsError>> {
        self.then(self.sts.assume_role(source, request))
    }

    fn get_caller_identity(
        &self,
        key: AccessKey,
        partition: Partition,
    ) -> BoxFuture<'static, Result<String, AwsError>> {
        self.then(self.sts.get_caller_identity(key, partition))
    }

    fn ask_time(&self, partition: Partition) -> BoxFuture<'static, Result<(), AwsError>> {
        self.sts.ask_time(partition)
    }
}

/// A running agent.
struct Agent {
    fake: Fake,
    handle: Handle,
    most_calls: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

impl Agent {
    fn start(text: &str, devices: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let fake = Fake::default();
        fake.world().now = Instant::from_timestamp(1_800_000_000, 0).unwrap();
        fake.world().vault.insert(name("work"), item(devices));
        let slow = Slow {
            sts: fake.clone(),
            asking: Arc::default(),
            most: Arc::default(),
        };
        let most_calls = Arc::clone(&slow.most);
        let vault = VaultThread::without_thread(Box::new(fake.clone()), Arc::new(AnyOrder));
        let journal = Journal::start(folder.path().join("journal.jsonl"), |_| ());
        let ports = Ports {
            vault: vault.clone(),
            sts: Arc::new(slow),
            sign_in: Arc::new(fake.clone()),
            iam: Arc::new(fake.clone()),
            secrets: Arc::new(fake.clone()),
            desktop: Box::new(fake.clone()),
            clock: Arc::new(fake.clone()),
            network: Arc::new(fake.clone()),
            journal: journal.unwrap(),
            runtime: Arc::new(AnyOrder),
            programs: crate::programs::Programs::default(),
        };
        let (inputs, queue) = mpsc::unbounded_channel();
        let removed_keys = folder.path().join("removed-keys.json");
        let file = ConfigFile::open(file);
        let (controller, handle) = Controller::new(ports, file, removed_keys, inputs);
        drop(spawn(controller.run(queue)));
        let ended = Arc::new(AtomicBool::new(false));
        drop(spawn(answer_all(vault, Arc::clone(&ended))));
        Self {
            fake,
            handle,
            most_calls,
            ended,
            _folder: folder,
        }
    }

    fn ask(&self, request: Request) -> oneshot::Receiver<Response> {
        let (reply, answer) = oneshot::channel();
        let input = Input::Request(request, None, reply);
        assert!(self.handle.inputs.send(input).is_ok());
        answer
    }

    /// A program that asks at some moment.
    fn program(&self, role: &'static str) -> shuttle::future::JoinHandle<Response> {
        let inputs = self.handle.inputs.clone();
        spawn(async move {
            yield_now().await;
            let (reply, answer) = oneshot::channel();
            let request = session_of(role, Asking::Popup);
            assert!(inputs.send(Input::Request(request, None, reply)).is_ok());
            answer.await.unwrap()
        })
    }

    /// Types a code once one is asked for.
    async fn type_code(&self) {
        let mut state = self.handle.state.clone();
        let asked = |view: &Arc<StateView>| view.prompt.is_some();
        drop(state.wait_for(asked).await.unwrap());
        let code = Request::SubmitCode {
            identity: name("work"),
            wish: None,
            serial: None,
            code: Secret::new("123456".to_owned()),
        };
        let answer = self.ask(code).await.unwrap();
        assert!(matches!(answer, Response::MfaSession { .. }));
    }

    async fn quits(&self) {
        self.ask(Request::Quit).await.unwrap();
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// The vault's thread.
async fn answer_all(vault: VaultThread, ended: Arc<AtomicBool>) {
    while !ended.load(Ordering::Relaxed) {
        vault.answer_next();
        yield_now().await;
    }
}

/// R7, R8: whoever comes first, leaves, or comes late: one prompt, one code, one call each.
#[test]
fn r7_r8_single_flight_in_any_order() {
    let story = || async {
        let agent = Agent::start(&config(SessionKind::Daily), &[SERIAL]);
        let leader = agent.ask(credentials());
        let gone = spawn(async move { drop(leader) });
        let programs: Vec<_> = (0..4).map(|_| agent.program("prod")).collect();
        agent.type_code().await;
        let mut keys = Vec::new();
        for program in programs {
            keys.push(served(program.await.unwrap()).access_key_id);
        }
        gone.await.unwrap();
        keys.dedup();
        assert_eq!(keys.len(), 1, "callers got different sessions");
        let calls = agent.fake.world().sts.clone();
        let wanted = [
            "GetSessionToken 123456 43200s",
            "AssumeRole session ada 3600s",
        ];
        assert_eq!(calls, wanted);
        assert_eq!(agent.fake.world().popups, 1);
        agent.quits().await;
    };
    in_any_order(story);
}

/// The same through a chain: its links are asked for once each, one after the other.
#[test]
fn r7_a_chain_is_one_flight_in_any_order() {
    let story = || async {
        let chained = "\n[[role]]\nname = \"chained\"\nsource = \"prod\"\narn = \"arn:aws:iam::111122223333:role/Chained\"\n";
        let agent = Agent::start(&(config(SessionKind::Daily) + chained), &[SERIAL]);
        let programs = ["chained", "prod", "chained", "prod"].map(|role| agent.program(role));
        agent.type_code().await;
        for program in programs {
            served(program.await.unwrap());
        }
        let calls = agent.fake.world().sts.clone();
        assert_eq!(calls.len(), 3, "{calls:?}");
        assert_eq!(agent.fake.world().popups, 1);
        agent.quits().await;
    };
    in_any_order(story);
}

/// R7: those who wait share a failure too, and whoever comes later gets a call of their own.
#[test]
fn r7_a_failure_is_shared_in_any_order() {
    let story = || async {
        let agent = Agent::start(&config(SessionKind::Daily), &[]);
        agent.fake.world().next_failure = Some(AwsCause::Refused);
        let programs: Vec<_> = (0..4).map(|_| agent.program("prod")).collect();
        let mut failed = 0;
        for program in programs {
            match program.await.unwrap() {
                Response::Credentials(_) => {}
                Response::Failed(_) => failed += 1,
                _ => panic!("no answer to a program"),
            }
        }
        assert!(failed > 0);
        let calls = agent.fake.world().sts.len();
        assert!(calls <= 2, "{calls} calls");
        assert_eq!(agent.most_calls.load(Ordering::Relaxed), 1);
        agent.quits().await;
    };
    in_any_order(story);
}

/// R9: a call that was given up does not happen later, whenever the patience ends.
#[test]
fn r9_what_was_given_up_never_happens_in_any_order() {
    let story = || async {
        let fake = Fake::default();
        let work = name("work");
        fake.world().vault.insert(work.clone(), item(&[SERIAL]));
        let vault = VaultThread::without_thread(Box::new(fake.clone()), Arc::new(Impatient));
        let ended = Arc::new(AtomicBool::new(false));
        let thread = spawn(answer_all(vault.clone(), Arc::clone(&ended)));
        let deleted = vault.delete(work.clone()).await;
        let is_there = fake.world().vault.contains_key(&work);
        assert!(deleted == Err(VaultError::Locked) || !is_there);
        // Whatever is still in the queue has its turn.
        while vault.read(work.clone(), Patience::Short).await.is_err() {}
        assert_eq!(fake.world().vault.contains_key(&work), is_there);
        ended.store(true, Ordering::Relaxed);
        thread.await.unwrap();
    };
    in_any_order(story);
}
