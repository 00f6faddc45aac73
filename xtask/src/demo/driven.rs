//! The whole job with a real pointer and keyboard on a private desktop. Each step prints what was
//! seen and leaves a picture; the first that fails ends it.

use std::{fs, path::PathBuf};

use daypass_stage::{
    Desktop, Error, Result, Screen,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    run as run_program, wait, workspace,
};
use serde_json::Value;

use super::{ROLE, ROLE_ARN, has_chromium, stage};

/// An MFA session's length: Daypass's default.
const MFA_SECONDS: i64 = 43_200;
/// How long before the end people are told: Daypass's default.
const WARN_SECONDS: i64 = 600;
/// Before the warning a program works with the session.
const LAST_USE_SECONDS: i64 = 3_600;

struct Demo {
    desktop: Desktop,
    aws: Aws,
    pictures: PathBuf,
    steps: usize,
    /// How far the clocks were moved.
    moved: i64,
}

pub(super) fn run() -> Result<()> {
    let pictures = workspace().join("target/demo");
    if pictures.exists() {
        fs::remove_dir_all(&pictures)?;
    }
    fs::create_dir_all(&pictures)?;
    let (desktop, aws) = stage(Screen::Hidden)?;
    let mut demo = Demo {
        desktop,
        aws,
        pictures,
        steps: 0,
        moved: 0,
    };
    demo.act().inspect_err(|_| {
        let _ = demo.desktop.picture(&demo.pictures.join("failed.png"));
        println!(
            "It stopped before step {}; the last picture is target/demo/failed.png.",
            demo.steps + 1
        );
        for log in ["daypass-tray", "dunst"] {
            println!(
                "--- {log}.log\n{}",
                fs::read_to_string(demo.desktop.home.log(log)).unwrap_or_default()
            );
        }
    })?;
    println!(
        "\nAll {} steps done. The pictures are in target/demo/.",
        demo.steps
    );
    Ok(())
}

impl Demo {
    fn act(&mut self) -> Result<()> {
        self.see_tray()?;
        self.add_key()?;
        self.add_roles()?;
        self.enter_code()?;
        self.open_console()?;
        self.ask_through_boto3()?;
        self.reach_the_end()?;
        self.answer_the_notification()
    }

    fn see_tray(&mut self) -> Result<()> {
        let icon = self.desktop.tray_icon()?;
        self.saw(
            "tray",
            &format!("the icon stands in the panel at {},{}", icon.x, icon.y),
        )
    }

    fn add_key(&mut self) -> Result<()> {
        self.click_tray()?;
        self.desktop.focused("entry", "Name")?;
        self.saw(
            "first-run",
            "a click on the icon opens the window, which asks for a key",
        )?;

        self.desktop.type_text("work")?;
        for text in [ADA_KEY_ID, &secret_of("ada")?, ADA_SERIAL] {
            self.desktop.key("Tab")?;
            self.desktop.type_text(text)?;
        }
        self.picture("key-typed")?;
        self.desktop.key("Return")?;

        // The window that has seen the key is gone; a new one goes on.
        self.desktop.in_popup("form", "Add a role")?;
        let mut lookup = self.desktop.home.command("secret-tool");
        let found = run_program(
            lookup.args(["lookup", "service", "daypass", "username", "work"]),
            "",
        )?;
        let item: Value = serde_json::from_slice(&found.stdout)
            .map_err(|_| Error::new("the keychain has no item of Daypass"))?;
        if item["access_key_id"] != ADA_KEY_ID {
            return Err(Error::new("the keychain has another key"));
        }
        self.saw(
            "key-added",
            &format!("AWS knows the key, and the keychain has {ADA_KEY_ID}"),
        )
    }

    fn add_roles(&mut self) -> Result<()> {
        self.desktop.focused("entry", "Name")?;
        self.desktop.type_text(ROLE)?;
        self.desktop.key("Tab")?;
        self.desktop.type_text(ROLE_ARN)?;
        self.picture("role-typed")?;
        self.desktop.key("Return")?;
        self.desktop
            .in_popup("push button", &format!("Open console as {ROLE}"))?;

        for (name, arn, more) in [
            (
                "prod-read",
                "arn:aws:iam::111122223333:role/ReadOnly",
                &["--region", "eu-west-1"][..],
            ),
            (
                "audit",
                "arn:aws:iam::444455556666:role/Auditor",
                &["--session", "long", "--duration", "4h"],
            ),
        ] {
            let mut arguments = vec!["role", "add", name, "--identity", "work", "--arn", arn];
            arguments.extend(more);
            self.daypass(&arguments)?;
        }
        self.desktop
            .in_popup("push button", "Open console as audit")?;
        self.saw(
            "roles",
            "one role added in the window and two on the command line",
        )
    }

    fn enter_code(&mut self) -> Result<()> {
        self.desktop.key("Escape")?;
        self.desktop.no_window("Daypass")?;
        self.click_tray()?;
        let button = self
            .desktop
            .in_popup("push button", "Enter code for work")?;
        self.desktop.click(button)?;
        self.desktop.focused("entry", "Six-digit code")?;
        self.saw(
            "code-wanted",
            "the code field is open, and the tray icon says so",
        )?;

        let code = self.aws.code(ADA_SERIAL)?;
        self.desktop.type_text(&code)?;
        self.wait_for("the MFA session", |state| {
            state["identities"][0]["mfa"]["state"] == "active"
        })?;
        self.expect_calls("GetSessionToken", 1)?;
        self.desktop.in_popup("push button", &row(ROLE, "ready"))?;
        self.saw(
            "code-taken",
            "the code that the device shows was typed; one session for the day",
        )
    }

    fn open_console(&mut self) -> Result<()> {
        let row = self
            .desktop
            .in_popup("push button", &format!("Open console as {ROLE}"))?;
        self.desktop.click(row)?;
        self.see_console()?;
        self.expect_calls("ConsoleLogin", 1)?;
        if let Some(process) = process_with("SigninToken") {
            return Err(Error::new(format!(
                "the sign-in link is an argument of process {process}"
            )));
        }
        self.saw(
            "console",
            &format!("one click on {ROLE}: the browser is on its console"),
        )
    }

    fn see_console(&self) -> Result<()> {
        let title = "Sandbox console";
        if has_chromium() {
            return self.desktop.window(title).map(|_| ());
        }
        wait::until("the console's page", || {
            let page = fs::read_to_string(self.desktop.home.path().join("page.html")).ok()?;
            page.contains(title).then_some(())
        })
    }

    fn ask_through_boto3(&mut self) -> Result<()> {
        let daypass = daypass_stage::programs()?.join("daypass");
        let folder = self.desktop.home.path().join(".aws");
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("config"),
            format!(
                "[profile {ROLE}]\nregion = us-east-1\nendpoint_url = {}\ncredential_process = \"{}\" credentials {ROLE}\n",
                self.aws.url(),
                daypass.display()
            ),
        )?;
        let script = "import boto3, sys; print(boto3.Session(profile_name=sys.argv[1]).client('sts').get_caller_identity()['Arn'])";
        let mut python = self
            .desktop
            .home
            .command(workspace().join("target/test-python/bin/python"));
        let output = run_program(python.args(["-c", script, ROLE]), "")?;
        let arn = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !arn.contains(":assumed-role/Admin/ada") {
            return Err(Error::new(format!(
                "boto3 got no session: {arn}{}",
                String::from_utf8_lossy(&output.stderr)
            )));
        }
        self.saw(
            "boto3",
            &format!("boto3, through credential_process, is {arn}"),
        )
    }

    fn reach_the_end(&mut self) -> Result<()> {
        self.move_clocks(MFA_SECONDS - WARN_SECONDS - LAST_USE_SECONDS)?;
        // Of a session that nobody has used lately nothing is said.
        self.daypass(&["credentials", ROLE])?;
        // A little inside the warning, because seconds have passed since the code.
        self.move_clocks(LAST_USE_SECONDS)?;
        self.wait_for_notification("ends soon")?;
        self.saw(
            "ends-soon",
            "ten minutes before the end a notification comes",
        )?;
        self.move_clocks(WARN_SECONDS)?;
        self.wait_for_notification("has ended")?;
        self.wait_for("the end of the day's session", |state| {
            state["identities"][0]["mfa"]["state"] == "ended"
        })?;
        self.saw("ended", "and another one when the session has ended")
    }

    fn answer_the_notification(&mut self) -> Result<()> {
        let mut dunst = self.desktop.home.command("dunstctl");
        run_program(dunst.env_remove("LD_PRELOAD").args(["action", "0"]), "")?;
        self.desktop.focused("entry", "Six-digit code")?;
        self.saw("asked-again", "its button leads to the code field")?;
        let code = self.aws.code(ADA_SERIAL)?;
        self.desktop.type_text(&code)?;
        self.wait_for("the next MFA session", |state| {
            state["identities"][0]["mfa"]["state"] == "active"
        })?;
        self.desktop
            .in_popup("push button", &format!("Open console as {ROLE}, "))?;
        self.saw("next-day", "one code, and the next day can begin")
    }

    fn click_tray(&self) -> Result<()> {
        let icon = self.desktop.tray_icon()?;
        self.desktop.click(icon)?;
        self.desktop.window("Daypass").map(|_| ())
    }

    fn move_clocks(&mut self, seconds: i64) -> Result<()> {
        self.moved += seconds;
        self.aws.advance(seconds)?;
        self.desktop.move_clock(self.moved)
    }

    /// The agent looks at the clock with every request, so asking is enough to have it notice.
    fn wait_for(&self, what: &str, seen: impl Fn(&Value) -> bool) -> Result<()> {
        wait::until(what, || {
            let state = self.daypass(&["status", "--json"]).ok()?;
            let state = serde_json::from_str(&state).ok()?;
            seen(&state).then_some(())
        })
    }

    fn wait_for_notification(&self, words: &str) -> Result<()> {
        wait::until(&format!("the notification {words:?}"), || {
            self.daypass(&["status"]).ok()?;
            let mut dunst = self.desktop.home.command("dunstctl");
            // What it shows counts as displayed only once it is on screen.
            let shown = run_program(
                dunst.env_remove("LD_PRELOAD").args(["count", "displayed"]),
                "",
            )
            .ok()?;
            let history =
                fs::read_to_string(self.desktop.home.log("notifications")).unwrap_or_default();
            (shown.stdout != b"0\n" && history.contains(words)).then_some(())
        })
    }

    fn expect_calls(&self, operation: &str, wanted: usize) -> Result<()> {
        let calls = self.aws.calls(operation)?;
        if calls == wanted {
            return Ok(());
        }
        Err(Error::new(format!(
            "{operation} was called {calls} times instead of {wanted}"
        )))
    }

    fn daypass(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.desktop.home.program("daypass")?;
        let output = run_program(command.args(arguments), "")?;
        if !output.status.success() {
            return Err(Error::new(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn saw(&mut self, name: &str, what: &str) -> Result<()> {
        self.picture(name)?;
        self.steps += 1;
        println!("{:2}. {what}", self.steps);
        Ok(())
    }

    /// A picture on the way to the next step.
    fn picture(&self, name: &str) -> Result<()> {
        let step = self.steps + 1;
        let path = self.pictures.join(format!("{step:02}-{name}.png"));
        self.desktop.picture(&path)
    }
}

/// The beginning of a role's name for screen readers, with its state.
fn row(role: &str, state: &str) -> String {
    format!("Open console as {role}, account 111122223333, {state}")
}

/// A process that has a text among its arguments, which everybody on the machine can read.
fn process_with(text: &str) -> Option<String> {
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let arguments = fs::read(entry.path().join("cmdline")).ok()?;
        let found = String::from_utf8_lossy(&arguments).contains(text);
        found.then(|| entry.file_name().to_string_lossy().into_owned())
    })
}
