//! What the page may have done only with a person's consent, given outside of it: what can lead
//! sessions away from this computer, or start a program. The question is a window of this process,
//! which nothing on a page can press, cover or read (T8).

use daypass_core::{
    language::Language,
    problem::{Code, Problem, one_line},
    protocol::{Changes, Request},
    settings::without_password,
};
use serde_json::Value;
use tauri::AppHandle;

/// Settings that decide whom Daypass talks to and what it starts.
const GUARDED: [&str; 4] = ["ca_bundle", "issuer", "proxy", "terminal"];
/// The window has no more fields for them than this.
const MOST: usize = 9;
/// How much of a value is shown.
const LONGEST: usize = 200;

/// What a person has to agree to, a line for each; none where nothing is asked.
///
/// # Errors
/// When it is more than anybody would read.
pub(crate) fn needed(request: &Request, language: Language) -> Result<Vec<String>, Problem> {
    let lines: Vec<String> = match request {
        Request::ChangeEndpoints(changes) => set(changes, |_| true, "endpoints."),
        Request::ChangeSettings(changes) => set(changes, |key| GUARDED.contains(&key), ""),
        // By its name alone a secret is one of the role's own account.
        Request::Publish { publish, .. } if publish.secret_id.starts_with("arn:") => {
            let secret = shown(&publish.secret_id);
            // Said before names are put to it: one that looks like a sentence of ours is to stay.
            vec![format!(
                "{} {} → {secret}",
                language.say("publish:"),
                publish.role
            )]
        }
        _ => Vec::new(),
    };
    if lines.len() > MOST {
        return Err(Problem::usage("Change fewer settings at a time."));
    }
    Ok(lines)
}

/// Those that get a value; a default leads nowhere new.
fn set(changes: &Changes, is_guarded: impl Fn(&str) -> bool, before: &str) -> Vec<String> {
    let line = |(key, value): (&String, &Option<Value>)| {
        let value = match value.as_ref()? {
            Value::String(text) => shown(&without_password(text)),
            value => shown(&value.to_string()),
        };
        is_guarded(key).then(|| format!("{before}{} = {value}", shown(key)))
    };
    changes.iter().filter_map(line).collect()
}

fn shown(text: &str) -> String {
    one_line(text).chars().take(LONGEST).collect()
}

/// Asks the person.
///
/// # Errors
/// When they do not agree, or cannot be asked.
pub(crate) async fn given(
    app: &AppHandle,
    lines: Vec<String>,
    language: Language,
) -> Result<(), Problem> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || ask(&handle, &lines, language, tell));
    if asked.is_ok() && told.await.unwrap_or(false) {
        return Ok(());
    }
    Err(Problem::yours(
        Code::Failed,
        "Nothing was changed.",
        "It needs your consent in the window that asks for it.",
    ))
}

#[cfg(target_os = "linux")]
fn ask(
    app: &AppHandle,
    lines: &[String],
    language: Language,
    tell: tokio::sync::oneshot::Sender<bool>,
) {
    use std::cell::Cell;

    use gtk::prelude::{DialogExt, GtkWindowExt, MessageDialogExt, WidgetExt};

    let parent = crate::popup::window(app).and_then(|window| window.gtk_window().ok());
    let dialog = gtk::MessageDialog::new(
        parent.as_ref(),
        gtk::DialogFlags::MODAL | gtk::DialogFlags::DESTROY_WITH_PARENT,
        gtk::MessageType::Warning,
        gtk::ButtonsType::None,
        &language.say("Should Daypass do this?"),
    );
    dialog.set_title(&language.say("Consent"));
    let why = language.say(
        "It decides where sessions go or which program is started. Agree only if you have just asked for it.",
    );
    dialog.set_secondary_text(Some(&format!("{}\n\n{why}", lines.join("\n"))));
    dialog.add_button(&language.say("Cancel"), gtk::ResponseType::Cancel);
    dialog.add_button(&language.say("Agree"), gtk::ResponseType::Accept);
    dialog.set_default_response(gtk::ResponseType::Cancel);
    let tell = Cell::new(Some(tell));
    dialog.connect_response(move |dialog, response| {
        // Closing it is a response too.
        if let Some(tell) = tell.take() {
            let _ = tell.send(response == gtk::ResponseType::Accept);
            dialog.close();
        }
    });
    dialog.show_all();
    dialog.present();
}

/// Nobody can be asked there yet.
#[cfg(not(target_os = "linux"))]
fn ask(_: &AppHandle, _: &[String], _: Language, tell: tokio::sync::oneshot::Sender<bool>) {
    let _ = tell.send(false);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(request: Value) -> Vec<String> {
        needed(
            &serde_json::from_value(request).unwrap(),
            Language::default(),
        )
        .unwrap()
    }

    #[test]
    fn t8_what_leads_sessions_elsewhere_needs_consent() {
        for (request, asked) in [
            (
                json!({"change_endpoints": {"signin": "https://evil.example", "sts": null}}),
                "endpoints.signin = https://evil.example",
            ),
            (
                json!({"change_settings": {"proxy": "http://a:CANARY@evil.example", "warn_minutes": 5}}),
                "proxy = http://a:(hidden)@evil.example",
            ),
            (
                json!({"change_settings": {"terminal": "/tmp/evil\n\u{202e}good"}}),
                "terminal = /tmp/evil good",
            ),
            (
                json!({"publish": {"publish": {
                    "role": "prod",
                    "secret_id": "arn:aws:secretsmanager:eu-west-1:999988887777:secret:x"
                }}}),
                "publish: prod → arn:aws:secretsmanager:eu-west-1:999988887777:secret:x",
            ),
        ] {
            assert_eq!(lines(request), [asked]);
        }
    }

    /// T8: what it leads to is shown as it is in every language.
    #[test]
    fn t8_the_question_is_asked_in_the_persons_language() {
        let german = Language::of(Some("de"), Language::default());
        let asked = |request: Value| needed(&serde_json::from_value(request).unwrap(), german);
        let publish = json!({"publish": {"publish": {
            "role": "Quit",
            "secret_id": "arn:aws:secretsmanager:eu-west-1:999988887777:secret:x"
        }}});
        assert_eq!(
            asked(publish).unwrap(),
            ["veröffentlichen: Quit → arn:aws:secretsmanager:eu-west-1:999988887777:secret:x"]
        );
        let disguised = json!({"change_settings": {"proxy": "x can't be read: it is a folder."}});
        assert_eq!(
            asked(disguised).unwrap(),
            ["proxy = x can't be read: it is a folder."]
        );
    }

    #[test]
    fn what_a_person_does_all_day_is_asked_for_once() {
        for request in [
            json!({"change_settings": {"warn_minutes": 5, "proxy": null}}),
            json!({"change_endpoints": {"sts": null}}),
            json!({"publish": {"publish": {"role": "prod", "secret_id": "app/session"}}}),
            json!({"open_console": {"role": "prod"}}),
        ] {
            assert!(lines(request).is_empty());
        }
    }

    #[test]
    fn a_question_is_not_longer_than_the_screen() {
        let many: serde_json::Map<_, _> = (0..100).map(|n| (n.to_string(), json!("x"))).collect();
        let request = serde_json::from_value(json!({"change_endpoints": many})).unwrap();
        assert!(needed(&request, Language::default()).is_err());
        let long = json!({"change_settings": {"proxy": "x".repeat(10_000)}});
        assert!(lines(long)[0].len() < 300);
    }
}
