//! The tray over D-Bus, as a panel sees it (StatusNotifierItem and com.canonical.dbusmenu).

use daypass_stage::{Parts, run, wait};

use crate::world::World;

impl World {
    fn gdbus(&self, arguments: &[&str]) -> String {
        let mut command = self.desktop.home.command("gdbus");
        let output = run(command.args(arguments), "").unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The bus name of our icon, as registered with the panel.
    fn item(&self) -> String {
        wait::until("the icon's registration", || {
            let said = self.gdbus(&[
                "call",
                "--session",
                "--dest",
                "org.kde.StatusNotifierWatcher",
                "--object-path",
                "/StatusNotifierWatcher",
                "--method",
                "org.freedesktop.DBus.Properties.Get",
                "org.kde.StatusNotifierWatcher",
                "RegisteredStatusNotifierItems",
            ]);
            let start = said.find("'")? + 1;
            let text = said.get(start..)?;
            let end = text.find(['/', '\''])?;
            Some(text.get(..end)?.to_owned()).filter(|name| !name.is_empty())
        })
        .unwrap()
    }

    fn property(&self, item: &str, name: &str) -> String {
        self.gdbus(&[
            "call",
            "--session",
            "--dest",
            item,
            "--object-path",
            "/StatusNotifierItem",
            "--method",
            "org.freedesktop.DBus.Properties.Get",
            "org.kde.StatusNotifierItem",
            name,
        ])
    }

    /// Waits for what the icon says, and yields how it looks then.
    fn until_it_says(&self, item: &str, words: &str) -> String {
        wait::until(words, || {
            self.property(item, "ToolTip").contains(words).then_some(())
        })
        .unwrap();
        self.property(item, "IconPixmap")
    }

    fn menu(&self, item: &str) -> String {
        self.gdbus(&[
            "call",
            "--session",
            "--dest",
            item,
            "--object-path",
            "/MenuBar",
            "--method",
            "com.canonical.dbusmenu.GetLayout",
            "0",
            "--",
            "-1",
            "[]",
        ])
    }

    /// Clicks the icon, as its panel tells it.
    fn click_icon(&self, item: &str) {
        self.gdbus(&[
            "call",
            "--session",
            "--dest",
            item,
            "--object-path",
            "/StatusNotifierItem",
            "--method",
            "org.kde.StatusNotifierItem.Activate",
            "100",
            "20",
        ]);
    }

    /// Clicks the line of that label.
    fn choose(&self, item: &str, label: &str) {
        let menu = self.menu(item);
        let before = menu.split(&format!("'{label}")).next().unwrap();
        let id = before
            .rsplit("<(")
            .find_map(|part| part.split(',').next()?.trim().parse::<i32>().ok());
        let id = id
            .unwrap_or_else(|| panic!("no {label} in {menu}"))
            .to_string();
        self.gdbus(&[
            "call",
            "--session",
            "--dest",
            item,
            "--object-path",
            "/MenuBar",
            "--method",
            "com.canonical.dbusmenu.Event",
            &id,
            "clicked",
            "<''>",
            "0",
        ]);
    }
}

#[test]
fn r20_a_click_on_the_icon_opens_the_window_and_the_menu_reaches_everything() {
    let mut world = World::start(Parts::ALL, "daypass-tray", &["--background"]);
    let item = world.item();
    let idle = world.until_it_says(&item, "no session");
    // As it starts at login.
    assert_eq!(
        world.desktop.programs_with_window("Daypass"),
        0,
        "not quiet"
    );

    world.click_icon(&item);
    world.desktop.window("Daypass").unwrap();
    world.desktop.focused("entry", "Name").unwrap();
    world.desktop.key("Escape").unwrap();
    world.desktop.no_window("Daypass").unwrap();

    world.add_ada_and_role();
    wait::until("the role in the menu", || {
        world.menu(&item).contains("'prod (").then_some(())
    })
    .unwrap();
    world.choose(&item, "Enter code for work");
    world.desktop.focused("entry", "Six-digit code").unwrap();
    let asking = world.until_it_says(&item, "a code is needed");
    assert!(asking != idle, "the icon looks as when nothing is wanted");

    let code = world.aws.code(daypass_stage::aws::ADA_SERIAL).unwrap();
    world.desktop.type_text(&code).unwrap();
    world.until("the session", |state| {
        state["identities"][0]["mfa"]["state"] == "active"
    });
    let active = world.until_it_says(&item, "session active");
    assert!(![idle, asking].contains(&active));

    // Once more puts it away, after it has stood there for a moment; and once more shows it.
    wait::until("the window to go", || {
        world.click_icon(&item);
        world.desktop.no_window("Daypass").ok()
    })
    .unwrap();
    world.click_icon(&item);
    world.desktop.window("Daypass").unwrap();

    world.choose(&item, "Quit");
    wait::until("the tray to end", || {
        (!world.desktop.home.socket().exists()).then_some(())
    })
    .unwrap();
    world.stop_agent();
}

/// R19: no tray host is no crash: the window opens and says why.
#[test]
fn r19_without_a_tray_host_the_window_opens_and_says_why_until_there_is_one() {
    let mut world = World::start(
        Parts {
            panel: false,
            ..Parts::ALL
        },
        "daypass-tray",
        &[],
    );
    world.desktop.window("Daypass").unwrap();
    let state = world.until("the reason", |state| !state["tray_missing"].is_null());
    assert!(
        state["tray_missing"]
            .as_str()
            .unwrap()
            .contains("no tray icons")
    );
    world.add_ada();
    world.desktop.start_panel().unwrap();
    world.until("the end of the hint", |state| {
        state["tray_missing"].is_null()
    });
    assert!(world.property(&world.item(), "ToolTip").contains("Daypass"));
}

/// R19: a panel that is started anew has the icon again, and it still works.
#[test]
fn r19_the_icon_comes_back_with_the_panel() {
    let mut world = World::tray();
    let item = world.item();
    world.desktop.kill_panel().unwrap();
    world.add_ada_and_role();
    world.desktop.start_panel().unwrap();
    assert_eq!(world.item(), item);
    world.choose(&item, "Enter code for work");
    world.desktop.focused("entry", "Six-digit code").unwrap();
    assert!(world.state()["tray_missing"].is_null());
}

/// A popup that is killed costs nothing, and the next click brings another.
#[test]
fn a_killed_popup_costs_nothing() {
    let world = World::tray();
    world.add_ada_and_role();
    world.enter_code();
    let open = || {
        let mut second = world.desktop.program_process("daypass-tray", &[]).unwrap();
        assert!(second.wait().unwrap().success());
        world.desktop.window("Daypass").unwrap();
    };
    open();
    let parent = world.agent_id().to_string();
    run(
        world
            .desktop
            .home
            .command("pkill")
            .args(["-KILL", "-P", &parent, "-f", "popup"]),
        "",
    )
    .unwrap();
    world.desktop.no_window("Daypass").unwrap();
    world.done(&["credentials", "prod"]);
    open();
}
