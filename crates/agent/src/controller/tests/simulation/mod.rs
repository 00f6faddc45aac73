//! The real controller through random sequences of everything that can happen to it, in a world
//! where one thing happens at a time: the computer ([`computer`]), AWS ([`aws`]), keychain and
//! screen ([`around`]), programs and a person ([`events`]). What must hold is in [`invariants`].

mod around;
mod aws;
mod computer;
mod ending;
mod events;
mod invariants;
mod setup;
mod stories;

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    time::SystemTime,
};

use daypass_core::{config::Identity, protocol::NewIdentity, protocol::NewKey};
use proptest::{prelude::*, test_runner::RngSeed};

use self::{
    around::{Keychain, Screen},
    aws::{Aws, Cloud, What, shown},
    computer::{Computer, Here, Tasks},
    events::{Click, Event, Mood, Typed, story},
    setup::{ROLES, Setup, USERS, chain, session_of, shape, user_name, user_of},
};
use super::super::*;
use super::world::SECRET;

/// A program gives up after so many milliseconds, as the server lets it.
const PATIENCE: u64 = 50_000;

/// AWS is asked in turn, which takes some seconds at most.
const A_TURN: u64 = 5_000;

/// Links of the longest chain behind its first.
const LINKS: usize = 2;

/// A program that waits.
struct Program {
    key: SessionKey,
    epoch: u64,
    since: u64,
    /// Whether the agent had a wrong idea of the time.
    asked_blindly: bool,
    answer: oneshot::Receiver<Response>,
}

/// A user on the way into the config file.
struct Newcomer {
    user: usize,
    answer: oneshot::Receiver<Response>,
}

struct Simulation {
    computer: Arc<Computer>,
    tasks: Tasks,
    cloud: Cloud,
    keychain: Keychain,
    mood: Mood,
    vault: VaultThread,
    screen: Screen,
    handle: Handle,
    setup: Setup,
    folder: tempfile::TempDir,
    edits: u64,
    programs: Vec<Program>,
    newcomer: Option<Newcomer>,
    last_typed: HashMap<usize, String>,
    /// How often the code field may have come to the front.
    may_raise: usize,
    /// For which sessions programs have asked since a person last did something.
    asked: HashSet<SessionKey>,
    /// The code field's owner, as people see it.
    prompt: Option<Name>,
    copies_seen: usize,
    is_locked: bool,
}

impl Simulation {
    fn start(roles: u16) -> Self {
        let computer = Arc::new(Computer::default());
        let here = Here(Arc::clone(&computer));
        let cloud = Cloud::reached_from(here.clone());
        let (keychain, screen) = (Keychain::default(), Screen::default());
        for user in 0..USERS.len() {
            keychain.put(user_name(user), setup::item(user));
        }
        let folder = tempfile::tempdir().unwrap();
        let setup = Setup::with(roles);
        let file = folder.path().join("config.toml");
        std::fs::write(&file, setup.text()).unwrap();
        let keys = Box::new(keychain.clone());
        let vault = VaultThread::without_thread(keys, Arc::new(here.clone()));
        let journal = Journal::start(folder.path().join("journal.jsonl"), |_| ());
        let ports = Ports {
            vault: vault.clone(),
            sts: Arc::new(cloud.clone()),
            sign_in: Arc::new(cloud.clone()),
            iam: Arc::new(cloud.clone()),
            secrets: Arc::new(cloud.clone()),
            desktop: Box::new(screen.clone()),
            clock: cloud.clock.clone(),
            network: Arc::new(cloud.clone()),
            journal: journal.unwrap(),
            runtime: Arc::new(here.clone()),
            programs: crate::programs::Programs::default(),
        };
        let (inputs, queue) = mpsc::unbounded_channel();
        let removed_keys = folder.path().join("removed-keys.json");
        let (controller, handle) =
            Controller::new(ports, ConfigFile::open(file), removed_keys, inputs);
        crate::runtime::Runtime::spawn(&here, Box::pin(controller.run(queue)));
        let mut this = Self {
            tasks: Tasks::on(Arc::clone(&computer)),
            computer,
            cloud,
            keychain,
            mood: Mood::Answers,
            vault,
            screen,
            handle,
            setup,
            folder,
            edits: 0,
            programs: Vec::new(),
            newcomer: None,
            last_typed: HashMap::new(),
            may_raise: 0,
            asked: HashSet::new(),
            prompt: None,
            copies_seen: 0,
            is_locked: false,
        };
        this.settle();
        this
    }

    fn now(&self) -> Instant {
        self.computer.true_time()
    }

    fn aws(&self) -> std::sync::MutexGuard<'_, Aws> {
        self.cloud.aws()
    }

    /// Lets everything happen that does not wait for time, and looks at what came of it.
    fn settle(&mut self) {
        let (vault, hangs) = (&self.vault, self.mood == Mood::Hangs);
        self.tasks.settle(|| !hangs && vault.answer_next());
        self.hear_newcomer();
        self.hear_programs();
        self.look_at_copies();
        self.look_at_screen();
    }

    fn input(&self, input: Input) {
        assert!(self.handle.inputs.send(input).is_ok(), "the loop has ended");
    }

    fn request(&self, request: Request) -> oneshot::Receiver<Response> {
        let (reply, answer) = oneshot::channel();
        self.input(Input::Request(request, None, reply));
        answer
    }

    fn choose(&self, choice: Choice) {
        self.input(Input::Chosen(choice));
    }

    fn happens(&mut self, event: &Event) {
        if event.is_a_persons() {
            self.asked.clear();
        }
        match *event {
            Event::Passes(seconds) => self.passes(seconds),
            Event::Sleeps { seconds, is_told } => self.sleeps(seconds, is_told),
            Event::SetsClock(seconds) => self.sets_clock(seconds),
            Event::Network(is_up) => self.network(is_up),
            Event::Throttling(is_on) => self.aws().is_busy = is_on,
            Event::LosesAnswers(count) => self.aws().answers_lost = count,
            Event::Latency(seconds) => self.aws().latency = seconds,
            Event::Keychain(mood) => self.keychain_is(mood),
            Event::Asks {
                role,
                read_only,
                asking,
                stays,
            } => self.asks(role, read_only, asking, stays),
            Event::Clicks { role, click } => self.clicks(role, click),
            Event::Types { user, device, code } => self.types(user, device, code),
            Event::Dismisses => drop(self.request(Request::DismissPrompt)),
            Event::WantsToType(user) => {
                self.may_raise += 1;
                self.choose(Choice::EnterCode(user_name(user)));
            }
            Event::Snoozes(user) => self.choose(Choice::Snooze(user_name(user))),
            Event::NotToday(user) => self.choose(Choice::NotToday(user_name(user))),
            Event::ClicksTray => {
                self.may_raise += 1;
                self.input(Input::TrayClicked);
            }
            Event::UnlocksKeychain => {
                self.may_all_ask();
                self.choose(Choice::UnlockVault);
            }
            Event::EndsSession(role) => self.ends_session(role),
            Event::Locks => self.locks(),
            Event::Unlocks => self.unlocks(),
            Event::ChangesRole(role) => {
                if let Some(arn) = self.setup.roles[role] {
                    self.puts_role(role, Some(arn + 1));
                }
            }
            Event::RemovesRole(role) => self.puts_role(role, None),
            Event::AddsRole(role) => {
                let arn = self.setup.roles[role].unwrap_or_default();
                self.puts_role(role, Some(arn));
            }
            Event::RemovesUser(user) => self.removes_user(user),
            Event::AddsUser(user) => self.adds_user(user),
        }
        self.settle();
    }

    fn passes(&mut self, seconds: u32) {
        let end = self.computer.awake() + u64::from(seconds) * 1_000;
        while self.computer.awake() < end {
            self.computer.pass_until(end);
            self.settle();
        }
    }

    fn sleeps(&mut self, seconds: u32, is_told: bool) {
        if is_told {
            self.input(Input::Signal(Signal::FallsAsleep));
            self.settle();
        }
        self.computer.sleep(seconds);
        self.may_all_ask();
        if is_told {
            self.input(Input::Signal(Signal::WokeUp));
        }
    }

    /// Until AWS tells the time, sessions seem to end at another one.
    fn sets_clock(&mut self, seconds: i64) {
        self.computer.set_clock(seconds);
        let now = self.now();
        for key in all_sessions() {
            self.aws().ledger.wanted_anew(&key, now);
        }
    }

    fn ends_session(&mut self, role: usize) {
        let now = self.now();
        for read_only in [false, true] {
            let key = session_of(role, read_only);
            self.aws().ledger.ended(&key, now);
        }
        let role = session_of(role, false).role;
        drop(self.request(Request::EndSession { role }));
    }

    fn locks(&mut self) {
        self.is_locked = true;
        self.forgets_sessions();
        self.choose(Choice::Lock);
    }

    fn unlocks(&mut self) {
        if std::mem::take(&mut self.is_locked) {
            self.forgets_sessions();
            // What waited for the keychain before the lock still calls AWS, to no avail.
            let now = self.now();
            for key in all_sessions() {
                self.aws().ledger.wanted_anew_by(&key, 2, now);
            }
        }
        self.may_all_ask();
        self.choose(Choice::Unlock);
    }

    /// What was got before counts no more, and neither does what is on its way.
    fn forgets_sessions(&mut self) {
        for role in 0..ROLES.len() {
            let name = session_of(role, false).role;
            self.aws().ledger.changed(&name);
        }
        for user in 0..USERS.len() {
            self.aws().ledger.changed(&user_name(user));
        }
    }

    fn network(&mut self, is_up: bool) {
        self.aws().is_away = !is_up;
        if is_up {
            self.may_all_ask();
            self.input(Input::Signal(Signal::NetworkUp));
        }
    }

    fn keychain_is(&mut self, mood: Mood) {
        self.mood = mood;
        self.keychain.is(mood);
        self.may_all_ask();
        self.input(Input::Signal(Signal::KeychainChanged));
    }

    /// Something has changed that gives another try a chance.
    fn may_all_ask(&mut self) {
        let now = self.now();
        for key in all_sessions() {
            self.aws().ledger.may_ask(&key, now);
        }
    }

    fn asks(&mut self, role: usize, read_only: bool, asking: Asking, stays: bool) {
        let (key, now) = (session_of(role, read_only), self.now());
        let epoch = {
            let ledger = &mut self.aws().ledger;
            // Whoever has a session is no reason to ask AWS again and again.
            if ledger.valid(&key, now).is_none() {
                ledger.may_ask(&key, now);
                for link in chain(role) {
                    ledger.may_ask(&session_of(link, false), now);
                }
            }
            ledger.epoch(&key.role)
        };
        // Somebody at a terminal is there to be asked; another program asks once.
        if asking == Asking::Terminal || self.asked.insert(key.clone()) {
            self.may_raise += 1;
        }
        let session = key.clone();
        let answer = self.request(Request::Credentials { session, asking });
        if stays {
            let since = self.computer.awake();
            self.programs.push(Program {
                key,
                epoch,
                since,
                asked_blindly: self.is_clock_wrong(),
                answer,
            });
        }
    }

    fn clicks(&mut self, role: usize, click: Click) {
        let key = session_of(role, matches!(click, Click::ReadOnlyLink));
        let now = self.now();
        self.may_raise += 1;
        self.aws().ledger.wanted_anew(&key, now);
        for link in chain(role) {
            self.aws().ledger.may_ask(&session_of(link, false), now);
        }
        match click {
            Click::Link => self.choose(Choice::CopyLink(key.role)),
            Click::Environment => self.choose(Choice::CopyEnvironment(key.role)),
            Click::Renew => self.choose(Choice::RenewSession(key)),
            Click::ReadOnlyLink => drop(self.request(Request::CopyLink(Console {
                read_only: true,
                ..Console::of(key.role)
            }))),
        }
    }

    fn types(&mut self, user: usize, device: usize, code: Typed) {
        let asked = self.prompt.as_ref().map(Name::as_str);
        let user = asked.map_or(user, |name| {
            USERS.iter().position(|user| user.name == name).unwrap()
        });
        let devices = USERS[user].devices;
        let serial = devices.get(device.min(devices.len().saturating_sub(1)));
        let right = serial.map_or_else(|| "123456".to_owned(), |serial| shown(serial, self.now()));
        let code = match code {
            Typed::Right => right,
            Typed::Wrong => "000000".to_owned(),
            Typed::Again => self.last_typed.get(&user).cloned().unwrap_or(right),
        };
        self.last_typed.insert(user, code.clone());
        self.may_raise += 1;
        self.may_all_ask();
        // A code makes a new long session, whatever is left of the old one.
        let now = self.now();
        for key in all_sessions().filter(|key| shape(key.role.as_str()).is_long) {
            self.aws().ledger.wanted_anew(&key, now);
        }
        drop(self.request(Request::SubmitCode {
            identity: user_name(user),
            wish: None,
            serial: serial.map(|serial| (*serial).to_owned()),
            code: Secret::new(code),
        }));
    }

    fn puts_role(&mut self, role: usize, arn: Option<u8>) {
        if !self.setup.users[user_of(role)] {
            return;
        }
        let mut setup = self.setup.clone();
        setup.roles[role] = arn;
        self.edit(setup);
    }

    /// Somebody edits the config file, and the agent looks.
    fn edit(&mut self, mut setup: Setup) {
        let file = self.folder.path().join("config.toml");
        setup.take_durations(ConfigFile::open(file.clone()).config());
        if setup.text() == self.setup.text() {
            self.setup = setup;
            return;
        }
        let text = setup.text();
        let is_same = |role: &usize| self.setup.entry(*role) == setup.entry(*role);
        let changed: Vec<usize> = (0..ROLES.len()).filter(|role| !is_same(role)).collect();
        for role in changed {
            let name = session_of(role, false).role;
            self.aws().ledger.changed(&name);
        }
        self.setup = setup;
        self.may_all_ask();
        // A click that waits at the end of a chain finds its way anew, link by link.
        self.may_raise += LINKS;
        std::fs::write(&file, text).unwrap();
        // A file system's clock is too coarse to tell two edits apart.
        self.edits += 1;
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(self.edits);
        let file = File::options().write(true).open(file).unwrap();
        file.set_modified(time).unwrap();
        drop(self.request(Request::Status));
    }

    fn removes_user(&mut self, user: usize) {
        if !self.setup.users[user] || self.newcomer.is_some() {
            return;
        }
        // An identity that roles start from stays; so those go first.
        let mut setup = self.setup.clone();
        for role in (0..ROLES.len()).filter(|role| user_of(*role) == user) {
            setup.roles[role] = None;
        }
        self.edit(setup);
        self.settle();
        self.aws().ledger.changed(&user_name(user));
        self.setup.users[user] = false;
        let name = user_name(user);
        drop(self.request(Request::RemoveIdentity { name }));
    }

    fn adds_user(&mut self, user: usize) {
        if self.setup.users[user] || self.newcomer.is_some() {
            return;
        }
        let key = NewKey {
            access_key_id: USERS[user].key.to_owned(),
            secret_access_key: Secret::new(SECRET.to_owned()),
            mfa_serials: USERS[user]
                .devices
                .iter()
                .map(|d| (*d).to_owned())
                .collect(),
        };
        let identity = Identity {
            name: user_name(user),
            ambient: false,
            profile: None,
        };
        let new = NewIdentity {
            identity,
            key: Some(key),
        };
        let answer = self.request(Request::AddIdentity(new));
        self.newcomer = Some(Newcomer { user, answer });
    }

    fn hear_newcomer(&mut self) {
        let Some(newcomer) = &mut self.newcomer else {
            return;
        };
        let Ok(answer) = newcomer.answer.try_recv() else {
            return;
        };
        self.setup.users[newcomer.user] = matches!(answer, Response::Done);
        self.newcomer = None;
    }

    fn hear_programs(&mut self) {
        let now = self.computer.awake();
        for mut program in std::mem::take(&mut self.programs) {
            match program.answer.try_recv() {
                Ok(answer) => self.answered(&program, answer),
                Err(oneshot::error::TryRecvError::Closed) => self.dropped(&program),
                Err(oneshot::error::TryRecvError::Empty) if now - program.since > PATIENCE => {}
                Err(oneshot::error::TryRecvError::Empty) => self.programs.push(program),
            }
        }
        self.check_waiting();
    }

    fn answered(&mut self, program: &Program, answer: Response) {
        match answer {
            Response::Credentials(credentials) => {
                self.check_served(&credentials.access_key_id, Some(&program.key));
            }
            Response::Failed(problem) => self.check_failed(program, &problem.to_string()),
            Response::CodeNeeded { .. } => self.check_failed(program, "a code is needed"),
            _ => unreachable!("no answer to a program"),
        }
    }

    /// P1: nothing is served that has ended by AWS's clock, once that is known.
    fn check_served(&mut self, id: &str, key: Option<&SessionKey>) {
        let (now, seen) = (self.now(), self.cloud.clock.now());
        let mut aws = self.aws();
        let given = aws.given(id).unwrap().clone();
        if self.is_locked {
            aws.ledger
                .broken("T20", format!("{key:?} was served while locked"));
        }
        let now = if aws.told_time { now } else { seen };
        aws.ledger.served(given.until, now);
        if key.is_some_and(|key| given.what != What::Role(key.clone())) {
            aws.ledger
                .broken("R7", format!("{key:?} was served {:?}", given.what));
        }
    }

    /// P2: nobody fails while a session is there.
    fn check_failed(&mut self, program: &Program, why: &str) {
        // Before AWS has told the time, and while the clock was set since, the agent takes for
        // ended what may have ended: P1 goes before P2.
        if program.asked_blindly || self.is_clock_wrong() || self.is_locked {
            return;
        }
        let now = self.now();
        let mut aws = self.aws();
        let Some(session) = aws.ledger.valid(&program.key, now) else {
            return;
        };
        let minutes = (session.until - now).num_minutes();
        let who = &program.key;
        let how = format!("{who:?} failed with {minutes} min left: {why}");
        aws.ledger.broken("P2", how);
    }

    fn is_clock_wrong(&self) -> bool {
        (self.cloud.clock.now() - self.now()).abs() > invariants::CLOCKS_DIFFER
    }

    fn dropped(&mut self, program: &Program) {
        let ledger = &mut self.aws().ledger;
        if program.epoch == ledger.epoch(&program.key.role) {
            ledger.broken("R7", format!("{:?} got no answer", program.key));
        }
    }

    /// P9: whoever waits, waits for AWS, the keychain or a person.
    fn check_waiting(&mut self) {
        let now = self.computer.awake();
        let waits = |program: &&Program| now - program.since > A_TURN;
        let Some(program) = self.programs.iter().find(waits) else {
            return;
        };
        let key = program.key.clone();
        let shown = self.handle.state.borrow().prompt.is_some();
        let hangs = self.mood == Mood::Hangs;
        let ledger = &mut self.aws().ledger;
        if !(shown || hangs || ledger.is_asking()) {
            ledger.broken("P9", format!("{key:?} waits for nothing"));
        }
    }

    fn look_at_copies(&mut self) {
        let copies: Vec<String> = self.screen.seen().copied[self.copies_seen..].to_vec();
        self.copies_seen += copies.len();
        for copied in copies {
            let id = copied.split(|c: char| !c.is_ascii_alphanumeric());
            if let Some(id) = id.into_iter().find(|word| word.starts_with("ASIA")) {
                self.check_served(id, None);
            }
        }
    }

    /// P10: the code field comes to the front for somebody's wish, and once for each.
    fn look_at_screen(&mut self) {
        let prompt = self.handle.state.borrow().prompt.clone();
        let prompt = prompt.map(|prompt| prompt.identity);
        if prompt != self.prompt {
            self.asked.clear();
            self.prompt = prompt;
        }
        let raised = self.screen.seen().raised;
        if raised > self.may_raise {
            let wishes = self.may_raise;
            let how = format!("the code field came up {raised} times for {wishes} wishes");
            self.aws().ledger.broken("P10", how);
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        self.aws().ledger.all_hold().map_err(TestCaseError::fail)
    }
}

fn all_sessions() -> impl Iterator<Item = SessionKey> {
    let of = |role| [session_of(role, false), session_of(role, true)];
    (0..ROLES.len()).flat_map(of)
}

/// The same stories each time, unless `PROPTEST_CASES` asks for more and others.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        max_shrink_time: 60_000,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 150;
        config.rng_seed = RngSeed::Fixed(4);
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p1_p2_p3_p4_p9_p10_r7_hold_whatever_happens(
        roles in 1..1_u16 << ROLES.len(),
        story in story(),
        goes_on in prop::bool::weighted(0.3),
    ) {
        let mut simulation = Simulation::start(roles);
        for event in &story.0 {
            simulation.happens(event);
            simulation.check()?;
        }
        simulation.ends_well(goes_on).map_err(TestCaseError::fail)?;
        simulation.check()?;
    }
}
