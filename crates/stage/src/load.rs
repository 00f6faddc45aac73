//! What a team's machine does with Daypass all day, in rounds of five minutes that pass in a
//! moment: programs that ask, windows that come and go, callers that send nonsense, and now and
//! then an AWS in trouble.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::{
    Desktop, Error, Result,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    clocks::Clocks,
    run,
    socket::{Answers, Socket},
};

/// How many seconds of the day a round is.
pub const ROUND: i64 = 300;
/// How many rounds an hour has.
pub const ROUNDS_PER_HOUR: u32 = 12;
/// How many programs ask in a round, at the same time.
const CALLERS: u32 = 8;
const ROLES: u32 = 20;
/// How many subscribers there are at most.
const SUBSCRIBERS: usize = 6;
/// Every so many rounds AWS fails in one of these ways.
const TROUBLE: u32 = 7;
const FAULTS: [&str; 5] = [
    "throttling",
    "internal",
    "reset",
    "captive_portal",
    "truncated",
];

/// The load, and what came of it.
pub struct Load<'a> {
    desktop: &'a mut Desktop,
    aws: &'a Aws,
    socket: Socket,
    clocks: Clocks,
    rounds: u32,
    subscribers: VecDeque<Answers>,
    /// What came of it so far.
    pub tally: Tally,
}

/// What came of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Callers with credentials.
    pub served: u32,
    /// Callers that were told why they get nothing.
    pub refused: u32,
    /// Codes that a person typed.
    pub codes: u32,
}

impl<'a> Load<'a> {
    /// Sets up Ada and her roles. The desktop's clock has to be movable, and the agent to run.
    ///
    /// # Errors
    /// When the agent refuses.
    pub fn new(desktop: &'a mut Desktop, aws: &'a Aws) -> Result<Self> {
        let socket = Socket::new(desktop.home.socket());
        let load = Self {
            desktop,
            aws,
            socket,
            clocks: Clocks::default(),
            rounds: 0,
            subscribers: VecDeque::new(),
            tally: Tally::default(),
        };
        let key = json!({
            "access_key_id": ADA_KEY_ID,
            "secret_access_key": secret_of("ada")?,
            "mfa_serials": [ADA_SERIAL],
        });
        load.done(&json!({"add_identity": {"identity": {"name": "work"}, "key": key}}))?;
        for number in 0..ROLES {
            let arn = match number % 2 {
                0 => "arn:aws:iam::111122223333:role/Admin",
                _ => "arn:aws:iam::444455556666:role/Auditor",
            };
            let role = json!({"name": role(number), "identity": "work", "arn": arn});
            load.done(&json!({ "add_role": role }))?;
        }
        for role in [
            json!({"name": "chained", "source": role(0), "arn": "arn:aws:iam::444455556666:role/Chained"}),
            json!({"name": "long", "identity": "work", "arn": "arn:aws:iam::111122223333:role/Admin", "session": "long", "duration": "4h"}),
            json!({"name": "refused", "identity": "work", "arn": "arn:aws:iam::444455556666:role/Locked"}),
        ] {
            load.done(&json!({ "add_role": role }))?;
        }
        Ok(load)
    }

    /// One round.
    ///
    /// # Errors
    /// When a caller gets something else than it should.
    pub fn round(&mut self) -> Result<()> {
        self.rounds += 1;
        self.clocks.pass(ROUND, self.desktop, self.aws)?;
        let trouble = self.rounds.is_multiple_of(TROUBLE);
        if trouble {
            let kind = (self.rounds / TROUBLE) as usize % FAULTS.len();
            let fault = json!([{"op": "*", "kind": FAULTS.get(kind), "times": 2}]);
            self.aws.post("faults", &fault)?;
        }
        self.subscribe()?;
        self.callers(trouble)?;
        self.nuisances()?;
        if self.rounds.is_multiple_of(ROUNDS_PER_HOUR) {
            self.hourly()?;
        }
        if self.rounds.is_multiple_of(6 * ROUNDS_PER_HOUR) {
            self.keychain()?;
        }
        Ok(())
    }

    /// Everybody leaves.
    pub fn rest(&mut self) {
        self.subscribers.clear();
    }

    /// Windows come and go. Of two one reads what it is told.
    fn subscribe(&mut self) -> Result<()> {
        let request = json!({"subscribe": {"popup": self.rounds.is_multiple_of(5)}});
        let mut new = self.socket.begin(&request)?;
        if self.rounds.is_multiple_of(2) {
            new.read()?;
        }
        self.subscribers.push_back(new);
        while self.subscribers.len() > SUBSCRIBERS {
            self.subscribers.pop_front();
        }
        Ok(())
    }

    fn callers(&mut self, trouble: bool) -> Result<()> {
        let first = self.rounds * CALLERS;
        let sessions = (first..first + CALLERS).map(|number| {
            let name = match number % (ROLES + 2) {
                ROLES => "chained".to_owned(),
                number if number > ROLES => "long".to_owned(),
                number => role(number),
            };
            json!({"role": name, "read_only": number.is_multiple_of(11) && name != "long"})
        });
        let sessions: Vec<Value> = sessions.collect();
        let asked: Result<Vec<Answers>> = sessions.iter().map(|s| self.begin(s)).collect();
        for (session, mut answers) in sessions.iter().zip(asked?) {
            let mut answer = answers.read()?;
            if needed(&answer).is_some() {
                // Somebody else may have typed it meanwhile.
                answer = self.begin(session)?.read()?;
            }
            if let Some(wish) = needed(&answer) {
                self.enter_code(wish, trouble)?;
                answer = self.begin(session)?.read()?;
            }
            if answer.get("credentials").is_some() {
                self.tally.served += 1;
            } else if trouble {
                self.tally.refused += 1;
            } else {
                return Err(Error::new(format!("{session} was not served: {answer}")));
            }
        }
        Ok(())
    }

    fn begin(&self, session: &Value) -> Result<Answers> {
        let request = json!({"session": session, "asking": "terminal"});
        self.socket.begin(&json!({ "credentials": request }))
    }

    /// A person types a code, at first a wrong one now and then.
    fn enter_code(&mut self, wish: &Value, trouble: bool) -> Result<()> {
        if self.tally.codes.is_multiple_of(3) {
            self.submit(wish, "000000")?;
        }
        // AWS takes each code once.
        self.clocks.pass(30, self.desktop, self.aws)?;
        let answer = self.submit(wish, &self.aws.code(ADA_SERIAL)?)?;
        if answer.get("failed").is_some() && !trouble {
            return Err(Error::new(format!("a code was not taken: {answer}")));
        }
        self.tally.codes += 1;
        Ok(())
    }

    fn submit(&self, wish: &Value, code: &str) -> Result<Value> {
        let submit = json!({"identity": "work", "wish": wish, "code": code});
        self.socket.ask(&json!({ "submit_code": submit }))
    }

    /// Callers that make no sense, or leave in the middle.
    fn nuisances(&mut self) -> Result<()> {
        for role in ["nobody", "refused"] {
            let answer = self.begin(&json!({"role": role}))?.read()?;
            let told = answer.get("failed").is_some() || answer.get("code_needed").is_some();
            if !told {
                return Err(Error::new(format!("{role} got {answer}")));
            }
            self.tally.refused += 1;
        }
        for nonsense in [
            &[][..],
            &[0, 0],
            &[0, 0, 1, 0, b'{'],
            &[0xff; 64],
            &[0, 0, 0, 2, b'{', b'}'],
        ] {
            drop(self.socket.say(nonsense)?);
        }
        // One that does not wait for its answer.
        drop(self.begin(&json!({"role": role(0)}))?);
        Ok(())
    }

    /// What happens more rarely: programs of our own, the console, roles that come and go.
    fn hourly(&mut self) -> Result<()> {
        self.aws.post("faults", &json!([]))?;
        for arguments in [&["status", "--json"][..], &["credentials", &role(1)]] {
            let mut daypass = self.desktop.home.program("daypass")?;
            let output = run(daypass.args(arguments), "")?;
            // A code may be needed just then.
            if !output.status.success() {
                self.tally.refused += 1;
            }
        }
        let console = json!({"role": role(0)});
        self.socket
            .ask(&json!({"console_url": {"console": console, "asking": "terminal"}}))?;
        let guest = json!({"name": "guest", "identity": "work", "arn": "arn:aws:iam::111122223333:role/Admin"});
        self.done(&json!({ "add_role": guest }))?;
        self.begin(&json!({"role": "guest"}))?.read()?;
        self.done(&json!({"remove_role": {"name": "guest"}}))?;
        let state = self.socket.ask(&json!("status"))?;
        let notices = state.pointer("/state/notices").and_then(Value::as_array);
        for notice in notices.into_iter().flatten() {
            self.socket
                .ask(&json!({"dismiss_notice": {"id": notice.get("id")}}))?;
        }
        Ok(())
    }

    /// The keychain is locked, killed and started again.
    fn keychain(&mut self) -> Result<()> {
        self.desktop.lock_keychain()?;
        let wrong = self.submit(&json!("mfa_session"), "000000")?;
        if wrong.get("failed").is_none() {
            return Err(Error::new(format!("a locked keychain gave {wrong}")));
        }
        self.begin(&json!({"role": role(0)}))?.read()?;
        self.desktop.restart_keychain()
    }

    fn done(&self, request: &Value) -> Result<()> {
        let answer = self.socket.ask(request)?;
        if answer == "done" {
            return Ok(());
        }
        Err(Error::new(format!("{request} was answered with {answer}")))
    }
}

/// What a code is needed for.
fn needed(answer: &Value) -> Option<&Value> {
    answer.pointer("/code_needed/wish")
}

fn role(number: u32) -> String {
    format!("role-{number}")
}
