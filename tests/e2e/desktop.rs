//! What Daypass does with the rest of the desktop: browsers, terminals, windows, logins.

use std::{fs, path::Path};

use daypass_stage::{Parts, Process, programs, socket::Socket, wait};
use serde_json::{Value, json};

use crate::{
    popup,
    world::{AUDITOR, World},
};

/// A screen and a tray that starts when it is told to.
fn world() -> World {
    World::without_agent(Parts {
        panel: false,
        notifications: false,
        ..Parts::ALL
    })
}

impl World {
    /// Adds to the config file.
    fn configure(&self, more: &str) {
        let path = self.desktop.home.config_file();
        let text = fs::read_to_string(&path).unwrap_or_default();
        self.desktop
            .home
            .write_config(&format!("{text}\n{more}\n"))
            .unwrap();
    }

    fn ask(&self, request: &Value) -> Value {
        let socket = Socket::new(self.desktop.home.socket());
        socket.ask(request).unwrap()
    }

    /// What a program of the test has written, once that says `what`.
    fn written(&self, file: &Path, what: &str) -> String {
        wait::until(what, || {
            fs::read_to_string(file)
                .ok()
                .filter(|text| text.contains(what))
        })
        .unwrap_or_else(|error| panic!("{error}: {:?}", fs::read_to_string(file)))
    }

    /// A Chromium with two profiles, which writes down its arguments and then opens the page.
    fn install_chromium(&self) -> std::path::PathBuf {
        let home = &self.desktop.home;
        let seen = home.path().join("seen");
        let script = format!(
            "echo \"$@\" >> {seen}\nfor url; do :; done\ncurl -sL -c {jar} -b {jar} \"$url\" >> {seen}\n",
            seen = seen.display(),
            jar = home.path().join("jar").display(),
        );
        let program = home.script("bin/chromium", &script).unwrap();
        home.write(
            "data/applications/chromium.desktop",
            &format!(
                "[Desktop Entry]\nType=Application\nName=Chromium\nCategories=Network;WebBrowser;\nExec={} %U\n",
                program.display()
            ),
        )
        .unwrap();
        let state = r#"{"profile": {"info_cache": {"Default": {"name": "Ada"}, "Profile 1": {"name": "Work"}}}}"#;
        home.write("config/chromium/Local State", state).unwrap();
        seen
    }
}

const CHROMIUM: &str = "[settings]\nbrowser = { program = \"chromium\", profile = \"Profile 1\" }";

/// T13: the browser and the profile that were chosen, and no link among the arguments.
#[test]
fn t13_a_console_opens_in_the_chosen_browser_and_profile() {
    let mut world = world();
    let seen = world.install_chromium();
    world
        .desktop
        .home
        .set_browser("#!/bin/sh\ntouch elsewhere\n")
        .unwrap();
    world.configure(CHROMIUM);
    world.start_agent("daypass-tray", &["--background"]);
    world.add_ada_and_role();
    world.enter_code();

    let browsers = world.ask(&json!("browsers"))["browsers"].clone();
    let chromium = browsers.as_array().unwrap().iter();
    let chromium = chromium
        .clone()
        .find(|found| found["program"] == "chromium");
    assert_eq!(
        chromium.unwrap()["profiles"],
        json!([{"id": "Default", "name": "Ada"}, {"id": "Profile 1", "name": "Work"}])
    );

    world.done(&["console", "prod"]);
    let said = world.written(&seen, "Sandbox console - Admin");
    let arguments = said.lines().next().unwrap();
    assert!(arguments.starts_with("--profile-directory=Profile 1 http://127.0.0.1:"));
    assert!(!arguments.contains("igninToken"), "{arguments}");

    // One that is gone is said, and nothing opens in its place.
    let program = world
        .desktop
        .home
        .path()
        .join("data/applications/chromium.desktop");
    fs::write(&program, "[Desktop Entry]\nHidden=true\n").unwrap();
    let said = world.fails(1, &["console", "prod"], "");
    assert!(said.contains("chromium, is not installed"), "{said}");
    assert!(!world.desktop.home.path().join("elsewhere").exists());
}

/// "You must first log out", and the action that does.
#[test]
fn a_browser_is_signed_out_first_when_that_is_asked_for() {
    let mut world = world();
    let seen = world.install_chromium();
    world.configure(CHROMIUM);
    world.start_agent("daypass-tray", &["--background"]);
    world.add_ada_and_role();
    world.done(&[
        "role",
        "add",
        "audit",
        "--arn",
        AUDITOR,
        "--identity",
        "work",
    ]);
    world.enter_code();
    world.done(&["console", "prod"]);
    world.written(&seen, "Sandbox console - Admin @ 111122223333");

    world.done(&["console", "audit"]);
    world.written(&seen, "You must first log out");
    let console = json!({"open_console": {"role": "audit", "destination": "s3/home?a=1&b=2", "sign_out": true}});
    assert_eq!(world.ask(&console), "done");
    let page = world.written(&seen, "Auditor @ 444455556666");
    assert!(page.contains("a=1&amp;b=2"), "{page}");
    assert_eq!(world.aws.calls("ConsoleLogout").unwrap(), 1);
}

/// The terminal is one as a person would start it, and only what runs in it has the session.
#[test]
fn t4_t17_a_terminal_opens_with_the_session_of_a_role() {
    let mut world = world();
    let home = world.desktop.home.path().to_owned();
    let (terminal, shell) = (home.join("terminal"), home.join("shell"));
    let script = format!(
        "{{ echo \"args: $@\"; echo \"limits: $(ulimit -S -c) $(ulimit -H -c) $(ulimit -S -n)\"; pwd; env; echo done; }} > {}\nshift\nexec \"$@\"\n",
        terminal.display()
    );
    let program = world.desktop.home.script("bin/term", &script).unwrap();
    let script = format!("{{ env; echo done; }} > {}\n", shell.display());
    let own_shell = world.desktop.home.script("bin/own-shell", &script).unwrap();
    world.desktop.home.set("SHELL", own_shell.clone());
    world.desktop.home.set("DESKTOP_AUTOSTART_ID", "10");
    world.configure(&format!("[settings]\nterminal = \"{}\"", program.display()));
    world.start_agent("daypass-tray", &["--background"]);
    world.add_ada_and_role();
    world.enter_code();

    assert_eq!(
        world.ask(&json!({"open_terminal": {"role": "prod"}})),
        "done"
    );
    let seen = world.written(&terminal, "\ndone\n");
    let daypass = programs().unwrap().join("daypass");
    let expected = format!(
        "args: -e {} exec prod -- {}",
        daypass.display(),
        own_shell.display()
    );
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[0], expected);
    let mut command = world.desktop.home.command("sh");
    command.args([
        "-c",
        "echo \"limits: $(ulimit -S -c) $(ulimit -H -c) $(ulimit -S -n)\"",
    ]);
    let limits = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(
        lines[1],
        limits.trim(),
        "those of the session, not of the tray"
    );
    assert_eq!(Path::new(lines[2]), home);
    assert!(
        !seen.contains("AWS_") && !seen.contains("DESKTOP_AUTOSTART_ID"),
        "{seen}"
    );

    let session = world.written(&shell, "\ndone\n");
    assert!(session.contains("AWS_ACCESS_KEY_ID=ASIA"));
    assert!(session.contains("AWS_SESSION_TOKEN="));
}

/// The entry comes and goes with the setting, and one that a person switched off stays so.
#[test]
fn daypass_starts_at_login_when_that_is_set() {
    let mut world = world();
    let plain = fs::read_to_string(world.desktop.home.config_file()).unwrap();
    let entry = world
        .desktop
        .home
        .path()
        .join("config/autostart/daypass.desktop");
    world.start_agent("daypass-tray", &["--background"]);
    assert!(!entry.exists());
    world.configure("[settings]\nstart_at_login = true");
    let text = wait::until("the entry", || {
        world.state();
        fs::read_to_string(&entry).ok()
    })
    .unwrap();
    let tray = programs().unwrap().join("daypass-tray");
    let exec = format!("Exec=\"{}\" --background\n", tray.display());
    assert!(text.contains(&exec), "{text}");

    // As a desktop's own settings switch it off.
    let switched_off = format!("{text}Hidden=true\n");
    fs::write(&entry, &switched_off).unwrap();
    world.stop_agent();
    world.start_agent("daypass-tray", &["--background"]);
    assert_eq!(world.state()["notices"], json!([]));
    assert_eq!(fs::read_to_string(&entry).unwrap(), switched_off);

    fs::write(&entry, &text).unwrap();
    world.desktop.home.write_config(&plain).unwrap();
    wait::until("the end of the entry", || {
        world.state();
        (!entry.exists()).then_some(())
    })
    .unwrap();
}

/// Another window, as a person has some.
fn other_window(world: &World) -> Process {
    let mut command = world.desktop.home.lasting("xmessage");
    let other = Process::start(command.args(["-title", "Other", "hello"])).unwrap();
    world.desktop.window("Other").unwrap();
    other
}

/// The window goes when another one is chosen, but not while something is typed into it.
#[test]
fn the_window_hides_when_another_one_is_chosen() {
    let world = popup::world();
    world.add_ada_and_role();
    let page = popup::page(&world);
    world.desktop.window("Daypass").unwrap();
    let invoke = |on: bool| {
        let script = format!(
            "window.__TAURI_INTERNALS__.invoke('keep_open', {{on: {on}}}).then(() => done('kept'), done)"
        );
        assert_eq!(page.script_async(&script).unwrap(), "kept");
    };
    invoke(true);
    let _other = other_window(&world);
    let has_focus = || page.script("return document.hasFocus()").unwrap();
    // The focus is passed around until the window has settled, which only the window knows.
    for _ in 0..3 {
        world.desktop.activate("Daypass").unwrap();
        wait::until("the focus", || (has_focus() == true).then_some(())).unwrap();
        world.desktop.activate("Other").unwrap();
        wait::until("its loss", || (has_focus() == false).then_some(())).unwrap();
    }
    assert_stays(&world);

    wait::until("the window to go", || {
        invoke(false);
        (world.desktop.programs_with_window("Daypass") == 0).then_some(())
    })
    .unwrap();
}

#[test]
fn the_window_stays_where_that_is_set() {
    let world = popup::world();
    world.configure("[settings]\nhide_on_focus_loss = false");
    world.add_ada_and_role();
    let page = popup::page(&world);
    world.desktop.window("Daypass").unwrap();
    let _other = other_window(&world);
    let has_focus = || page.script("return document.hasFocus()").unwrap();
    for _ in 0..3 {
        world.desktop.activate("Daypass").unwrap();
        wait::until("the focus", || (has_focus() == true).then_some(())).unwrap();
        world.desktop.activate("Other").unwrap();
        wait::until("its loss", || (has_focus() == false).then_some(())).unwrap();
    }
    assert_stays(&world);
}

/// Looks for longer than a loss of the focus has to last.
fn assert_stays(world: &World) {
    for _ in 0..20 {
        assert_eq!(world.desktop.programs_with_window("Daypass"), 1);
    }
}

/// Opened by a second start, with the pointer nowhere near a tray.
#[test]
fn the_window_comes_back_where_it_was_left() {
    let mut world = world();
    world.start_agent("daypass-tray", &["--background"]);
    world.add_ada_and_role();
    world.desktop.point(700, 420).unwrap();
    let open = || {
        let mut second = world.desktop.program_process("daypass-tray", &[]).unwrap();
        assert!(second.wait().unwrap().success());
        world.desktop.window("Daypass").unwrap()
    };
    open();
    world.desktop.move_window("Daypass", 60, 90).unwrap();
    let mut seen = world.desktop.window("Daypass").unwrap();
    let left_at = wait::until("the move", || {
        assert_eq!(
            world.desktop.programs_with_window("Daypass"),
            1,
            "it went at {seen:?}"
        );
        seen = world.desktop.window("Daypass").ok()?;
        (seen.x < 100 && seen.y < 150).then_some(seen)
    })
    .unwrap();
    for _ in 0..2 {
        // The page may still be on its way when the window is there.
        wait::until("the window to go", || {
            world.desktop.key("Escape").unwrap();
            (world.desktop.programs_with_window("Daypass") == 0).then_some(())
        })
        .unwrap();
        let back = open();
        assert_eq!((back.x, back.y), (left_at.x, left_at.y));
    }
}

/// The shortcut shows the window from anywhere; one that is taken or none is said, with what to do.
#[test]
fn a_shortcut_shows_the_window() {
    let mut world = world();
    let plain = fs::read_to_string(world.desktop.home.config_file()).unwrap();
    world.start_agent("daypass-tray", &["--background"]);
    let set = |text: &str| {
        let text = format!("{plain}\n[settings]\nshortcut = \"{text}\"\n");
        world.desktop.home.write_config(&text).unwrap();
    };
    // The window manager closes windows with it.
    set("Alt+F4");
    let state = world.until("the notice", |state| state["notices"] != json!([]));
    let said = state["notices"][0]["problem"].to_string();
    assert!(said.contains("belongs to another program"), "{said}");
    set("Ctrl+Alt+D");
    wait::until("the window", || {
        world.state();
        world.desktop.key("ctrl+alt+d").unwrap();
        (world.desktop.programs_with_window("Daypass") == 1).then_some(())
    })
    .unwrap();
    assert_eq!(world.state()["notices"], json!([]), "it was mended");
    set("Alt+Nonsense");
    world.until("the other notice", |state| {
        state["notices"][0]["problem"]
            .to_string()
            .contains("keys such as Ctrl+Alt+D, not Alt+Nonsense")
    });
}
