//! The place of work: a desktop with the tray, AWS, the programs, and the person at the keyboard.

use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf};

use daypass_stage::{
    Desktop, Error, Parts, Process, Result, Signal,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    programs, run, wait, workspace,
};
use serde_json::{Value, json};

use super::{client::Client, hours::Counts, incidents::Incident};

const ROLES: usize = 40;
const CLIENTS: usize = 8;
/// Of the clients, those that ask for credentials with every call, as the AWS CLI does.
const FORGETFUL: usize = 2;
const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";
/// A role of twelve hours.
const AUDITOR: &str = "arn:aws:iam::444455556666:role/Auditor";
/// Nothing is served that ends within a minute (P1).
const SERVABLE: i64 = 60;

pub(super) struct Office {
    clients: Vec<Client>,
    tray: Process,
    aws: Aws,
    desktop: Desktop,
    notifications: PathBuf,
    /// How many notifications were counted.
    notified: usize,
    /// Whether AWS cannot be reached: then nobody types a code.
    offline: bool,
    /// Whether AWS refuses the first calls of each minute.
    throttled: bool,
    /// Minutes since the morning.
    moved: i64,
    /// The minutes in which codes were typed, by what they were for.
    codes: BTreeMap<String, Vec<i64>>,
}

impl Office {
    pub(super) fn open() -> Result<Self> {
        let mut desktop = Desktop::start(Parts::ALL)?;
        let aws = Aws::start(&desktop.home)?;
        desktop.home.write_config(&config(&aws))?;
        write_profiles(&desktop)?;
        let notifications = desktop.record_notifications()?;
        desktop.with_movable_clock()?;
        let tray = desktop.program_process("daypass-tray", &["--background"])?;
        let socket = desktop.home.socket();
        wait::until("the tray", || socket.exists().then_some(()))?;
        let key = json!({
            "access_key_id": ADA_KEY_ID,
            "secret_access_key": secret_of("ada")?,
            "mfa_serials": [ADA_SERIAL],
        });
        let mut add = desktop.home.command(programs()?.join("daypass"));
        run(add.args(["identity", "add", "work"]), &key.to_string())?;
        for number in 0..ROLES {
            let mut add = desktop.home.command(programs()?.join("daypass"));
            let name = format!("role-{number}");
            add.args(["role", "add", &name, "--identity", "work"]);
            run(add.args(kind(number)), "")?;
        }
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            clients.push(client(&desktop, &aws, number < FORGETFUL)?);
        }
        Ok(Self {
            clients,
            tray,
            aws,
            desktop,
            notifications,
            notified: 0,
            offline: false,
            throttled: false,
            moved: 0,
            codes: BTreeMap::new(),
        })
    }

    /// Moves both clocks.
    pub(super) fn pass(&mut self, minutes: i64) -> Result<()> {
        self.moved += minutes;
        self.aws.advance(minutes * 60)?;
        self.desktop.move_clock(self.moved * 60)
    }

    /// Lets something happen; the minutes that it takes.
    pub(super) fn suffer(&mut self, incident: Incident) -> Result<i64> {
        match incident {
            Incident::Sleep(minutes) => {
                self.tray.signal(Signal::STOP);
                self.pass(minutes)?;
                self.tray.signal(Signal::CONT);
                return Ok(minutes);
            }
            Incident::NetworkLost => {
                self.offline = true;
                let gone = |op| json!({ "op": op, "kind": "reset", "times": 100_000 });
                self.aws.post(
                    "faults",
                    &json!([gone("AssumeRole"), gone("GetSessionToken")]),
                )?;
            }
            Incident::ThrottlingBegins => self.throttled = true,
            Incident::NetworkBack | Incident::ThrottlingEnds => {
                (self.offline, self.throttled) = (false, false);
                self.aws.delete("faults")?;
            }
            Incident::KeychainRestarted => self.desktop.restart_keychain()?,
        }
        Ok(0)
    }

    /// A minute of work: every program calls AWS once, and whoever is asked for a code types it.
    pub(super) fn work(&mut self, minute: i64) -> Result<Counts> {
        if self.throttled {
            let refused = json!({ "op": "AssumeRole", "kind": "throttling", "times": 6 });
            self.aws.delete("faults")?;
            self.aws.post("faults", &json!([refused]))?;
        }
        let before = self.status()?;
        let mut counts = Counts {
            calls: CLIENTS,
            ..Counts::default()
        };
        let turn = usize::try_from(minute).unwrap_or_default();
        let share = ROLES / CLIENTS;
        let profile = |number: usize| number * share + turn % share;
        for (number, client) in self.clients.iter_mut().enumerate() {
            client.call(&format!("role-{}", profile(number)))?;
        }
        for number in 0..CLIENTS {
            let answer = loop {
                if let Some(answer) = self.clients[number].answer()? {
                    break answer;
                }
                if let Some(purpose) = self.answer_prompt(&mut counts)? {
                    counts.codes += 1;
                    self.codes.entry(purpose).or_default().push(minute);
                }
            };
            if answer == "ok" {
                continue;
            }
            if is_valid(&before, profile(number)) {
                counts.failed_with_session += 1;
                println!("minute {minute}, role-{}: {answer}", profile(number));
            } else {
                counts.failed_without_session += 1;
            }
        }
        counts.notifications = self.new_notifications()?;
        Ok(counts)
    }

    /// The minutes in which codes were typed, by what they were for.
    pub(super) const fn codes(&self) -> &BTreeMap<String, Vec<i64>> {
        &self.codes
    }

    /// What AWS was asked, by operation and outcome.
    pub(super) fn calls(&self) -> Result<BTreeMap<String, usize>> {
        let mut calls = BTreeMap::new();
        for call in self.aws.journal()? {
            let operation = call["op"].as_str().unwrap_or("?");
            let outcome = call["error"].as_str().or(call["fault"].as_str());
            let name = format!("{operation}: {}", outcome.unwrap_or("ok"));
            *calls.entry(name).or_default() += 1;
        }
        Ok(calls)
    }

    /// The person types the code where they are asked for one. What it was for, if AWS was sent it.
    fn answer_prompt(&mut self, counts: &mut Counts) -> Result<Option<String>> {
        if self.offline {
            return Ok(None);
        }
        let status = self.status()?;
        if status["prompt"].is_null() || status["prompt"]["checking"] == true {
            return Ok(None);
        }
        // It may be on its way, or have gone meanwhile.
        let Some(code) = self.desktop.seen_in_popup("entry", "Six-digit code") else {
            return Ok(None);
        };
        let windows = self.desktop.programs_with_window("Daypass");
        counts.prompts = counts.prompts.max(windows);
        if windows > 1 {
            self.desktop.picture(&workspace().join("target/day.png"))?;
        }
        // A code is taken once, and the device shows the next one after thirty seconds.
        let digits = self.aws.next_code(ADA_SERIAL)?;
        self.desktop.click(code)?;
        self.desktop.type_text(&digits)?;
        self.desktop.key("Return")?;
        let session = status["prompt"]["session"].clone();
        let taken = wait::until("the code to be taken", || {
            let status = self.status().ok()?;
            let stands = !status["prompt"].is_null() && status["prompt"]["session"] == session;
            (!stands).then_some(())
        });
        if taken.is_err() {
            self.desktop.picture(&workspace().join("target/day.png"))?;
            println!("{}: see target/day.png", self.status()?["prompt"]);
        }
        let role = session["role"].as_str().unwrap_or("an MFA session");
        taken.map(|()| Some(role.to_owned()))
    }

    fn status(&self) -> Result<Value> {
        let mut command = self.desktop.home.command(programs()?.join("daypass"));
        let output = run(command.args(["status", "--json"]), "")?;
        serde_json::from_slice(&output.stdout).map_err(|error| Error::new(error.to_string()))
    }

    fn new_notifications(&mut self) -> Result<usize> {
        let text = fs::read_to_string(&self.notifications)?;
        let all = text.matches("member=Notify").count();
        let new = all - self.notified;
        self.notified = all;
        Ok(new)
    }
}

/// One role in forty takes a code of its own.
const fn kind(number: usize) -> &'static [&'static str] {
    if number == 0 {
        return &["--arn", AUDITOR, "--session", "long", "--duration", "12h"];
    }
    &["--arn", ADMIN]
}

fn is_valid(status: &Value, role: usize) -> bool {
    let time = |value: &Value| {
        let time = value.as_str()?;
        chrono::DateTime::parse_from_rfc3339(time).ok()
    };
    let session = &status["roles"][role]["session"];
    let (Some(now), Some(end)) = (time(&status["now"]), time(&session["expires_at"])) else {
        return false;
    };
    (end - now).num_seconds() > SERVABLE
}

fn config(aws: &Aws) -> String {
    format!("version = 1\n\n{}", aws.endpoints())
}

fn write_profiles(desktop: &Desktop) -> Result<()> {
    let folder = desktop.home.path().join(".aws");
    fs::create_dir_all(&folder)?;
    let daypass = programs()?.join("daypass");
    let mut text = String::new();
    for number in 0..ROLES {
        let _ = writeln!(
            text,
            "[profile role-{number}]\nregion = us-east-1\ncredential_process = {} credentials role-{number}",
            daypass.display()
        );
    }
    Ok(fs::write(folder.join("config"), text)?)
}

fn client(desktop: &Desktop, aws: &Aws, forgetful: bool) -> Result<Client> {
    let python = workspace().join("target/test-python/bin/python");
    let mut command = desktop.home.lasting(python);
    command.arg(workspace().join("tests/clients/python/busy.py"));
    if forgetful {
        command.arg("--forget");
    }
    Client::start(command.env("AWS_ENDPOINT_URL_STS", aws.url()))
}
