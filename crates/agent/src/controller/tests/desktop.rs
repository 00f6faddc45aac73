//! Browsers that were chosen, terminals, and settings that are the desktop's.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{world::*, *};

impl Desk {
    fn install(&self, program: &str) {
        let bin = self.folder().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(program), "#!/bin/sh\n").unwrap();
        fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn install_browser(&self, program: &str) {
        self.install(program);
        let applications = self.folder().join("home/.local/share/applications");
        fs::create_dir_all(&applications).unwrap();
        fs::write(
            applications.join(format!("{program}.desktop")),
            format!("[Desktop Entry]\nName={program}\nCategories=WebBrowser\nExec={program} %u\n"),
        )
        .unwrap();
    }
}

fn with_browser(program: &str) -> String {
    let config = config(SessionKind::Daily);
    format!("{config}browser = {{ program = \"{program}\", profile = \"Profile 1\" }}\n")
}

/// T13: what the chosen browser is started with is the loopback address, as with the desktop's own.
#[tokio::test]
async fn t13_a_console_opens_in_the_chosen_browser_and_profile() {
    let mut desk = Desk::start(&with_browser("chromium"), Some(item(&[SERIAL]))).await;
    desk.install_browser("chromium");
    let settings = desk.folder().join("home/.config/chromium");
    fs::create_dir_all(&settings).unwrap();
    let state = r#"{"profile": {"info_cache": {"Profile 1": {"name": "Work"}}}}"#;
    fs::write(settings.join("Local State"), state).unwrap();
    desk.warm().await;
    let answer = desk.ask(Request::OpenConsole(prod())).await.unwrap();
    assert!(matches!(answer, Response::Done));
    let started = desk.world().started.clone();
    let [words] = started.as_slice() else {
        panic!("{started:?}");
    };
    assert_eq!(words[..2], ["chromium", "--profile-directory=Profile 1"]);
    assert!(words[2].starts_with("http://127.0.0.1:"), "{words:?}");
    assert!(!words.concat().contains("igninToken"));
    assert!(desk.world().opened.is_empty(), "it opened elsewhere too");
}

#[tokio::test]
async fn a_browser_that_is_gone_is_said_and_nothing_opens_elsewhere() {
    let mut desk = Desk::start(&with_browser("chromium"), Some(item(&[SERIAL]))).await;
    desk.warm().await;
    let gone = desk.ask(Request::OpenConsole(prod())).await.unwrap();
    let Response::Failed(problem) = gone else {
        panic!("it opened");
    };
    assert!(
        problem.what.contains("chromium, is not installed"),
        "{problem}"
    );
    assert!(problem.todo.contains("choose another browser"), "{problem}");
    // Nor is its profile replaced by another one.
    desk.install_browser("chromium");
    let gone = desk.ask(Request::OpenConsole(prod())).await.unwrap();
    assert!(
        matches!(gone, Response::Failed(problem) if problem.what.contains("no profile Profile 1"))
    );
    let view = desk.until(|view| !view.notices.is_empty()).await;
    assert_eq!(view.notices[0].about, Some(name("prod")));
    let world = desk.world();
    assert!(world.opened.is_empty() && world.started.is_empty());
    assert!(
        world.sign_ins.is_empty(),
        "AWS was asked for a link in vain"
    );
}

/// A link for the clipboard is nobody's browser's.
#[tokio::test]
async fn a_link_is_made_whatever_browser_is_chosen() {
    let mut desk = Desk::start(&with_browser("gone"), Some(item(&[SERIAL]))).await;
    desk.warm().await;
    let answer = desk.ask(Request::CopyLink(prod())).await.unwrap();
    assert!(matches!(answer, Response::Done));
    assert_eq!(desk.world().copied.len(), 1);
}

/// Whoever is handed a link is not to lose what they have open.
#[tokio::test]
async fn a_link_to_hand_on_signs_nobody_out() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.ask(Request::CopyLink(prod())).await.unwrap();
    let copied = desk.world().copied.pop().unwrap();
    assert!(copied.starts_with("https://signin.aws.amazon.com/federation?Action=login"));
    let sign_out = Console {
        sign_out: true,
        ..prod()
    };
    let refused = desk.ask(Request::CopyLink(sign_out.clone())).await.unwrap();
    assert!(matches!(refused, Response::Failed(_)));
    assert!(desk.world().copied.is_empty());
    let opened = desk.ask(Request::OpenConsole(sign_out)).await.unwrap();
    assert!(!matches!(opened, Response::Failed(_)));
}

#[tokio::test]
async fn the_browsers_of_this_computer_are_told() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    desk.install_browser("chromium");
    desk.install_browser("firefox");
    let Response::Browsers(browsers) = desk.ask(Request::Browsers).await.unwrap() else {
        panic!("no browsers");
    };
    let programs: Vec<_> = browsers
        .iter()
        .map(|found| found.program.as_str())
        .collect();
    assert_eq!(programs, ["chromium", "firefox"]);
}

/// The session is fetched in the terminal: starting it asks AWS for nothing and holds no secret.
#[tokio::test]
async fn a_terminal_gets_a_command_and_no_secret() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let calls = desk.world().sts.len();
    let open = |role: &str| Request::OpenTerminal { role: name(role) };
    let missing = desk.ask(open("prod")).await.unwrap();
    assert!(matches!(missing, Response::Failed(problem) if problem.what.contains("No terminal")));
    desk.install("xterm");
    desk.install("daypass");
    assert!(matches!(
        desk.ask(open("prod")).await.unwrap(),
        Response::Done
    ));
    let unknown = desk.ask(open("prd")).await.unwrap();
    assert!(
        matches!(unknown, Response::Failed(problem) if problem.what.contains("Did you mean prod?"))
    );
    let started = desk.world().started.clone();
    let bin = desk.folder().join("bin").display().to_string();
    let words = started.concat().join(" ").replace(&format!("{bin}/"), "");
    assert_eq!(words, "xterm -e daypass exec prod -- /bin/sh");
    assert_eq!(desk.world().sts.len(), calls);
    desk.until(|view| view.roles[0].uses > 0.0).await;
}

#[tokio::test]
async fn the_desktop_goes_by_the_settings_as_they_change() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let applied = |desk: &Desk| -> Vec<bool> {
        let world = desk.world();
        world
            .applied
            .iter()
            .map(|settings| settings.start_at_login)
            .collect()
    };
    assert_eq!(applied(&desk), [false]);
    let path = desk.folder().join("config.toml");
    let plain = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{plain}[settings]\nstart_at_login = true\n")).unwrap();
    desk.until_applied(2).await;
    assert_eq!(applied(&desk), [false, true]);
    // A file with a mistake in it says nothing, and so takes nothing back.
    fs::write(&path, "[settings\n").unwrap();
    desk.ask(Request::Status).await.unwrap();
    fs::write(&path, format!("{plain}\n")).unwrap();
    desk.until_applied(3).await;
    assert_eq!(applied(&desk), [false, true, false]);
}

impl Desk {
    /// Asks for the state, for which the file is looked at, until the desktop was told so often.
    async fn until_applied(&mut self, count: usize) {
        while self.world().applied.len() < count {
            self.ask(Request::Status).await.unwrap();
            tokio::task::yield_now().await;
        }
    }
}
