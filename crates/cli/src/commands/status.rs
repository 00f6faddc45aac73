use daypass_core::{
    problem::Problem,
    view::{StateView, VaultView},
};

use super::{identity, print, print_json, role};
use crate::{
    agent::Agent,
    colour::{Paint, Tone},
    words,
};

pub(super) fn run(agent: &Agent, json: bool) -> Result<(), Problem> {
    let state = agent.state()?;
    if json {
        return print_json(&state);
    }
    print(&text(&state, Paint::for_stdout()))
}

fn text(state: &StateView, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    match &state.vault {
        VaultView::Ready => {}
        VaultView::Locked => line(paint.tone(Tone::Bad, "The keychain is locked.")),
        VaultView::Missing { todo } => {
            let missing = paint.tone(Tone::Bad, "There is no keychain.");
            line(format!("{missing} {todo}"));
        }
    }
    if state.locked {
        line(paint.tone(Tone::Bad, "Daypass is locked. `daypass unlock` unlocks it."));
    }
    for notice in &state.notices {
        let about = notice.about.as_ref().map(|name| format!("{name}: "));
        let mark = paint.tone(Tone::Bad, "!");
        line(format!(
            "{mark} {}{}",
            about.unwrap_or_default(),
            notice.problem
        ));
    }
    if let Some(seconds) = state.clock_behind {
        let side = if seconds > 0 { "behind" } else { "ahead of" };
        line(format!(
            "This computer's clock is {} min {side} AWS's; other programs may be refused. Turn on automatic time.",
            (seconds.abs() + 30) / 60
        ));
    }
    for endpoint in &state.endpoints {
        line(format!("Endpoint {} is {}", endpoint.name, endpoint.url));
    }
    if !state.restart_for.is_empty() {
        line(format!(
            "Changed, and used from the next start on: {}.",
            state.restart_for.join(", ")
        ));
    }
    text.push_str(&identity::list(state, paint));
    text.push_str(&role::list(state, paint));
    text.push_str(&published(state));
    text
}

/// Secrets that get a session at each renewal.
fn published(state: &StateView) -> String {
    let mut rows = Vec::new();
    for role in &state.roles {
        for secret in &role.published {
            let when = secret.at.map_or_else(
                || "not yet published".to_owned(),
                |at| format!("published {}", words::instant(at)),
            );
            rows.push(vec![
                "secret".to_owned(),
                secret.secret_id.clone(),
                format!("of {}", role.name),
                when,
            ]);
        }
    }
    words::table(&rows)
}

#[cfg(test)]
mod tests {
    use daypass_core::{
        Instant,
        account::Account,
        arn::PrincipalArn,
        field::AccountId,
        name::Name,
        role::SessionKind,
        settings::Settings,
        view::{IdentityView, PublishedView, RoleView, SessionState, SessionView},
    };

    use super::*;

    fn at(days: i64) -> Instant {
        Instant::from_timestamp(days * 24 * 3_600, 0).unwrap()
    }

    fn state() -> StateView {
        let none = SessionView {
            state: SessionState::None,
            started_at: None,
            expires_at: None,
        };
        let arn = PrincipalArn::parse("arn:aws:iam::111122223333:role/Admin").unwrap();
        let identity = IdentityView {
            name: Name::parse("work").unwrap(),
            ambient: false,
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            user_arn: None,
            key_created_at: Some(at(0)),
            rotating: false,
            mfa_serials: Vec::new(),
            mfa: Some(none.clone()),
        };
        let role = RoleView {
            name: Name::parse("prod").unwrap(),
            identity: identity.name.clone(),
            source: None,
            federated: false,
            arn: arn.as_str().to_owned(),
            account: arn.account().to_owned(),
            role_name: arn.short_name().to_owned(),
            session_kind: SessionKind::Daily,
            region: None,
            session: none,
            can_read_only: true,
            published: vec![PublishedView {
                secret_id: "app/aws".to_owned(),
                at: Some(at(2)),
            }],
            needs_code: true,
            opening: false,
            destination: None,
            favourite: false,
            pinned: false,
            browser: None,
            uses: 0.0,
            last_used: None,
        };
        StateView {
            now: at(100),
            version: "0".to_owned(),
            vault: VaultView::Ready,
            locked: false,
            identities: vec![identity],
            roles: vec![role],
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
    fn keys_sessions_and_published_secrets_are_shown() {
        assert_eq!(
            text(&state(), Paint::PLAIN),
            "identity  work  AKIAIOSFODNN7EXAMPLE  key of 100 days, old  needs a code\n\
             role  prod  111122223333 Admin  needs a code\n\
             secret  app/aws  of prod  published 1970-01-03 00:00 UTC\n"
        );
    }

    #[test]
    fn t20_locked_is_said_first() {
        let state = StateView {
            locked: true,
            ..state()
        };
        let text = text(&state, Paint::PLAIN);
        assert!(text.starts_with("Daypass is locked."), "{text}");
    }

    #[test]
    fn a_role_shows_how_it_is_marked() {
        let mut state = state();
        let mut account = Account::new(AccountId::parse("111122223333").unwrap());
        account.name = Some("Shop".to_owned());
        account.production = true;
        state.accounts = vec![account];
        if let Some(role) = state.roles.first_mut() {
            role.pinned = true;
        }
        let text = text(&state, Paint::PLAIN);
        let line = "role  prod  Shop 111122223333 Admin  needs a code  production  pinned\n";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn what_waits_for_a_start_is_said() {
        let state = StateView {
            restart_for: vec!["proxy".to_owned()],
            ..state()
        };
        assert!(
            text(&state, Paint::PLAIN)
                .starts_with("Changed, and used from the next start on: proxy.")
        );
    }

    #[test]
    fn a_chained_role_names_where_it_comes_from() {
        let mut state = state();
        if let Some(role) = state.roles.first_mut() {
            role.source = Some(Name::parse("base").unwrap());
        }
        let text = text(&state, Paint::PLAIN);
        assert!(
            text.contains("role  prod  111122223333 Admin from base  needs"),
            "{text}"
        );
    }
}
