//! The tray's menu as a value: built from the state, compared in tests, drawn by the desktop.
//!
//! Everything can be reached from it alone, because not every desktop reports clicks on the icon.

use crate::{
    Instant,
    language::Language,
    name::Name,
    session::SessionKey,
    view::{Look, RoleView, SessionState, SessionView, StateView, VaultView},
};

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tray {
    /// The icon.
    pub look: Look,
    /// The icon's description, for pointers that rest on it and for screen readers.
    pub tooltip: String,
    /// The menu, top to bottom.
    pub menu: Vec<Item>,
}

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Words that nothing happens on.
    Text(String),
    /// A line that does something.
    Entry(String, Choice),
    /// A line that opens a menu of its own.
    Menu(String, Vec<Item>),
    /// A line between groups.
    Separator,
}

/// What a line of the menu does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Opens the console as a role.
    OpenConsole(Name),
    /// The same, to read and nothing else.
    OpenReadOnly(Name),
    /// Puts a sign-in link on the clipboard.
    CopyLink(Name),
    /// Puts a session on the clipboard, as the commands of a shell.
    CopyEnvironment(Name),
    /// Opens the code field for an identity.
    EnterCode(Name),
    /// Gets a new session of a role, with a code where it takes one.
    RenewSession(SessionKey),
    /// Says again in a while that an identity's session ends.
    Snooze(Name),
    /// Says nothing more today of an identity's session.
    NotToday(Name),
    /// Opens the window.
    OpenWindow,
    /// Asks the keychain again.
    UnlockVault,
    /// Drops all sessions, and gives none until a person unlocks.
    Lock,
    /// Gives sessions again.
    Unlock,
    /// Ends Daypass.
    Quit,
}

/// The longest list of roles in a menu; more are a window's work.
const MAX_ROLES: usize = 20;
/// The longest name in a menu, in characters.
const MAX_LABEL: usize = 48;

/// Builds the tray from the state. Its own words are said in a language; a person's names are not.
pub fn tray(state: &StateView, language: Language) -> Tray {
    let look = state.look();
    Tray {
        look,
        tooltip: language.say(tooltip(state, look)),
        menu: menu(state, language),
    }
}

const fn tooltip(state: &StateView, look: Look) -> &'static str {
    match look {
        Look::Idle if state.locked => "Daypass: locked",
        Look::Idle => "Daypass: no session",
        Look::Active => "Daypass: session active",
        Look::NeedsYou => "Daypass: a code is needed",
        Look::Error => "Daypass: something needs attention",
    }
}

fn menu(state: &StateView, language: Language) -> Vec<Item> {
    let text = |words: &str| Item::Text(language.say(words));
    let entry = |words: &str, choice| Item::Entry(language.say(words), choice);
    let mut menu = Vec::new();
    if state.vault != VaultView::Ready {
        menu.push(text("The keychain is not available"));
        menu.push(entry("Unlock keychain…", Choice::UnlockVault));
        menu.push(Item::Separator);
    }
    if state.locked {
        menu.push(text("Daypass is locked"));
        menu.push(entry("Unlock", Choice::Unlock));
        menu.push(Item::Separator);
    }
    if let Some(notice) = state.notices.first() {
        menu.push(Item::Text(shorten(&language.say(&notice.problem.what))));
        menu.push(Item::Separator);
    }
    for role in state.roles.iter().take(MAX_ROLES) {
        menu.push(Item::Entry(
            role_label(role, state.now, language),
            Choice::OpenConsole(role.name.clone()),
        ));
    }
    match state.roles.len() {
        0 => menu.push(text("No roles yet")),
        n if n > MAX_ROLES => menu.push(text(&format!("{} more in the window", n - MAX_ROLES))),
        _ => {}
    }
    if !state.roles.is_empty() {
        let roles = state.roles.iter().take(MAX_ROLES);
        menu.push(Item::Menu(
            language.say("More for a role"),
            roles.map(|role| more(role, language)).collect(),
        ));
    }
    menu.push(Item::Separator);
    for identity in &state.identities {
        if let Some(session) = &identity.mfa {
            let words = format!("Enter code for {{}} ({})", words(session, state.now));
            let name = shorten(identity.name.as_str());
            menu.push(Item::Entry(
                language.say_with(&words, &name),
                Choice::EnterCode(identity.name.clone()),
            ));
        }
    }
    menu.push(entry("Open Daypass", Choice::OpenWindow));
    menu.push(Item::Separator);
    if !state.locked {
        menu.push(entry("Lock", Choice::Lock));
    }
    menu.push(entry("Quit", Choice::Quit));
    menu
}

/// What else can be done with a role.
fn more(role: &RoleView, language: Language) -> Item {
    let name = || role.name.clone();
    let entry = |words: &str, choice| Item::Entry(language.say(words), choice);
    let mut menu = vec![entry("Open console", Choice::OpenConsole(name()))];
    if role.can_read_only {
        menu.push(entry("Open read-only", Choice::OpenReadOnly(name())));
    }
    menu.push(entry("Copy sign-in link", Choice::CopyLink(name())));
    menu.push(entry("Copy environment", Choice::CopyEnvironment(name())));
    Item::Menu(shorten(role.name.as_str()), menu)
}

fn role_label(role: &RoleView, now: Instant, language: Language) -> String {
    let words = match role.session.state {
        SessionState::None | SessionState::Ended if role.needs_code => "needs a code".to_owned(),
        SessionState::None
        | SessionState::Ended
        | SessionState::WaitingForCode
        | SessionState::Getting
        | SessionState::Active
        | SessionState::Ending
        | SessionState::Failed => words(&role.session, now),
    };
    format!("{} ({})", shorten(role.name.as_str()), language.say(&words))
}

fn words(session: &SessionView, now: Instant) -> String {
    match session.state {
        SessionState::None => "no session".to_owned(),
        SessionState::WaitingForCode => "waiting for a code".to_owned(),
        SessionState::Getting => "asking AWS…".to_owned(),
        SessionState::Active | SessionState::Ending => {
            let left = session
                .expires_at
                .map_or(0, |at| (at - now).num_minutes().max(0));
            time_left(left)
        }
        SessionState::Ended => "ended".to_owned(),
        SessionState::Failed => "failed".to_owned(),
    }
}

fn time_left(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min left"),
        (hours, minutes) => format!("{hours} h {minutes} min left"),
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= MAX_LABEL {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_LABEL - 1).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        problem::Problem,
        role::SessionKind,
        session::tests::at,
        settings::Settings,
        view::{IdentityView, Notice, PromptView},
    };

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn session(state: SessionState, expires: i64) -> SessionView {
        SessionView {
            state,
            started_at: Some(at(0)),
            expires_at: Some(at(expires)),
        }
    }

    fn state() -> StateView {
        let work = IdentityView {
            name: name("work"),
            ambient: false,
            access_key_id: None,
            user_arn: None,
            key_created_at: None,
            rotating: false,
            mfa_serials: vec!["GAHT12345678".to_owned()],
            mfa: Some(session(SessionState::Active, 43_200)),
        };
        let prod = RoleView {
            name: name("prod"),
            identity: name("work"),
            source: None,
            federated: false,
            arn: "arn:aws:iam::111122223333:role/Admin".to_owned(),
            account: "111122223333".to_owned(),
            role_name: "Admin".to_owned(),
            session_kind: SessionKind::Daily,
            region: None,
            session: session(SessionState::Active, 3_600),
            can_read_only: true,
            published: Vec::new(),
            needs_code: false,
            opening: false,
            destination: None,
            favourite: false,
            pinned: false,
            browser: None,
            uses: 0.0,
            last_used: None,
        };
        StateView {
            now: at(60),
            version: "0.0.0".to_owned(),
            vault: VaultView::Ready,
            locked: false,
            identities: vec![work],
            roles: vec![prod],
            prompt: None,
            notices: Vec::new(),
            accounts: Vec::new(),
            settings: Settings::default(),
            config_file: String::new(),
            restart_for: Vec::new(),
            endpoints: Vec::new(),
            configured_endpoints: Vec::new(),
            tray_missing: None,
            clock_behind: None,
        }
    }

    #[test]
    fn everything_is_reached_from_the_menu() {
        let entry = |label: &str, choice| Item::Entry(label.to_owned(), choice);
        assert_eq!(
            tray(&state(), Language::default()),
            Tray {
                look: Look::Active,
                tooltip: "Daypass: session active".to_owned(),
                menu: vec![
                    entry("prod (59 min left)", Choice::OpenConsole(name("prod"))),
                    Item::Menu(
                        "More for a role".to_owned(),
                        vec![Item::Menu(
                            "prod".to_owned(),
                            vec![
                                entry("Open console", Choice::OpenConsole(name("prod"))),
                                entry("Open read-only", Choice::OpenReadOnly(name("prod"))),
                                entry("Copy sign-in link", Choice::CopyLink(name("prod"))),
                                entry("Copy environment", Choice::CopyEnvironment(name("prod"))),
                            ]
                        )]
                    ),
                    Item::Separator,
                    entry(
                        "Enter code for work (11 h 59 min left)",
                        Choice::EnterCode(name("work"))
                    ),
                    entry("Open Daypass", Choice::OpenWindow),
                    Item::Separator,
                    entry("Lock", Choice::Lock),
                    entry("Quit", Choice::Quit),
                ],
            }
        );
    }

    #[test]
    fn it_speaks_another_language_and_leaves_a_persons_names_alone() {
        let german = Language::of(Some("de"), Language::default());
        let mut state = state();
        state.identities[0].name = name("Lock");
        state.roles[0].name = name("Quit");
        state.roles[0].identity = name("Lock");
        state.notices.push(Notice {
            id: 1,
            about: None,
            problem: Problem::usage("There is no role Quit."),
        });
        let entry = |label: &str, choice| Item::Entry(label.to_owned(), choice);
        assert_eq!(
            tray(&state, german),
            Tray {
                look: Look::Error,
                tooltip: "Daypass: Etwas ist anzusehen".to_owned(),
                menu: vec![
                    Item::Text("Es gibt keine Rolle Quit.".to_owned()),
                    Item::Separator,
                    entry("Quit (noch 59 Min.)", Choice::OpenConsole(name("Quit"))),
                    Item::Menu(
                        "Mehr zu einer Rolle".to_owned(),
                        vec![Item::Menu(
                            "Quit".to_owned(),
                            vec![
                                entry("Konsole öffnen", Choice::OpenConsole(name("Quit"))),
                                entry("Nur lesend öffnen", Choice::OpenReadOnly(name("Quit"))),
                                entry("Anmeldelink kopieren", Choice::CopyLink(name("Quit"))),
                                entry("Umgebung kopieren", Choice::CopyEnvironment(name("Quit"))),
                            ]
                        )]
                    ),
                    Item::Separator,
                    entry(
                        "Code für Lock eingeben (noch 11 Std. 59 Min.)",
                        Choice::EnterCode(name("Lock"))
                    ),
                    entry("Daypass öffnen", Choice::OpenWindow),
                    Item::Separator,
                    entry("Sperren", Choice::Lock),
                    entry("Beenden", Choice::Quit),
                ],
            }
        );
    }

    #[test]
    fn a_name_that_looks_like_a_text_of_ours_stays() {
        let german = Language::of(Some("de"), Language::default());
        for looks in ["a (5 min left", "a: Daypass is locked", "{} {}"] {
            let mut state = state();
            state.identities[0].name = name(looks);
            state.roles[0].name = name(looks);
            let entry = |label: String, choice| Item::Entry(label, choice);
            let menu = tray(&state, german).menu;
            for item in [
                entry(
                    format!("{looks} (noch 59 Min.)"),
                    Choice::OpenConsole(name(looks)),
                ),
                entry(
                    format!("Code für {looks} eingeben (noch 11 Std. 59 Min.)"),
                    Choice::EnterCode(name(looks)),
                ),
            ] {
                assert!(menu.contains(&item), "{item:?}: {menu:?}");
            }
        }
    }

    #[test]
    fn the_look_tells_the_four_states_apart() {
        let mut idle = state();
        idle.roles.clear();
        idle.identities.clear();
        assert_eq!(idle.look(), Look::Idle);
        assert_eq!(state().look(), Look::Active);

        let mut asking = state();
        asking.prompt = Some(PromptView {
            identity: name("work"),
            devices: Vec::new(),
            asked_by: None,
            session: None,
            purpose: "a session of 12h".to_owned(),
            rejected: None,
            checking: false,
        });
        assert_eq!(asking.look(), Look::NeedsYou);

        let mut failed = state();
        failed.notices.push(Notice {
            id: 1,
            about: None,
            problem: Problem::usage("x"),
        });
        assert_eq!(failed.look(), Look::Error);
        let mut locked = state();
        locked.vault = VaultView::Locked;
        assert_eq!(locked.look(), Look::Error);
        assert!(matches!(
            &tray(&locked, Language::default()).menu[1],
            Item::Entry(_, Choice::UnlockVault)
        ));
    }

    #[test]
    fn t20_a_locked_daypass_says_so_and_offers_to_unlock() {
        let mut locked = state();
        locked.locked = true;
        locked.roles.clear();
        locked.identities.clear();
        let tray = tray(&locked, Language::default());
        assert_eq!(tray.tooltip, "Daypass: locked");
        let unlock = Item::Entry("Unlock".to_owned(), Choice::Unlock);
        assert_eq!(tray.menu.get(1), Some(&unlock));
        let lock = Item::Entry("Lock".to_owned(), Choice::Lock);
        assert!(!tray.menu.contains(&lock));
    }

    #[test]
    fn long_lists_and_names_fit() {
        let mut many = state();
        let mut role = many.roles[0].clone();
        role.name = name(&"n".repeat(128));
        many.roles = vec![role; 1_000];
        let tray = tray(&many, Language::default());
        assert!(tray.menu.len() < 30);
        assert!(
            tray.menu
                .contains(&Item::Text("980 more in the window".to_owned()))
        );
        let Item::Entry(label, _) = &tray.menu[0] else {
            panic!("not an entry")
        };
        assert!(label.chars().count() < 80);
    }
}
