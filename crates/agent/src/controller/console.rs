//! The console: sign-in with a role session, to the browser or as a link.

use std::sync::Arc;

use daypass_core::{
    browser::Browser,
    console::SignIn as Plan,
    journal::Event,
    name::Name,
    problem::{Code, Problem},
    protocol::{Console, Response},
    role::Role,
    secret::Secret,
    session::{Session, SessionKey},
};
use url::Url;

use super::{Controller, Deliver, Input, Link, Outcome, refuse, slots::Waiter};
use crate::{
    browsers::Opener,
    ports::{SignIn, SignInError, Topic},
    programs::Programs,
    redirect,
};

/// Where AWS sends people whose console session has ended, unless the settings name a place.
const ISSUER: &str = "https://console.aws.amazon.com";

impl Controller {
    pub(super) fn console(&mut self, console: &Console, deliver: Deliver) {
        let key = console.session();
        let planned = self.known_session(&key).and_then(|role| {
            if console.sign_out && !matches!(deliver, Deliver::Browser(_)) {
                return Err(Problem::usage(
                    "A link to hand on does not log its reader out of anything first.",
                ));
            }
            let plan = self.plan(console, &role)?;
            Ok((role, plan))
        });
        match planned {
            Ok((role, plan)) => self.want(&key, role, Waiter::Console(Box::new(plan), deliver)),
            Err(problem) => {
                // A click has no other place to show what was wrong with it.
                if deliver.is_click() && self.known_role(&console.role).is_ok() {
                    self.notice(Some(&console.role), &problem);
                }
                refuse(deliver.into_reply(), problem);
            }
        }
    }

    pub(super) fn plan(&self, console: &Console, role: &Role) -> Result<Plan, Problem> {
        let issuer = self.file.config().settings.issuer.as_deref();
        Plan::plan(role, console, &self.endpoints, issuer.unwrap_or(ISSUER))
    }

    pub(super) fn sign_in(
        &mut self,
        key: &SessionKey,
        session: &Session,
        plan: Box<Plan>,
        deliver: Deliver,
    ) {
        let Some(slot) = self.roles.get_mut(key) else {
            return;
        };
        let duration = match plan.session_duration(session.origin, &slot.role) {
            Ok(duration) => duration,
            Err(problem) => return refuse(deliver.into_reply(), problem),
        };
        slot.signing_in += 1;
        let credentials = session.credentials.clone();
        let sign_in = self.ports.sign_in.clone();
        let inputs = self.inputs.clone();
        let chosen = match deliver {
            Deliver::Browser(_) => self.browser_of(&key.role),
            Deliver::Clipboard(_) | Deliver::Link(_) => None,
        };
        let programs = self.ports.programs.clone();
        let key = key.clone();
        self.spawn(async move {
            // Before AWS is asked: a browser that is gone would leave a link behind.
            let opener = match opener(programs, chosen).await {
                Ok(opener) => opener,
                Err(problem) => {
                    return Outcome::SignedIn {
                        key,
                        result: Err(problem),
                        deliver,
                    };
                }
            };
            let forms = match duration {
                // AWS answers 400 without a reason to a duration it does not like: once without.
                Some(_) => vec![
                    Plan::token_form(&credentials, duration),
                    Plan::token_form(&credentials, None),
                ],
                None => vec![Plan::token_form(&credentials, None)],
            };
            let url = token(&sign_in, &plan.federation, forms)
                .await
                .map(|token| plan.login_url(&token));
            let result = match (url, &deliver) {
                (Ok(url), Deliver::Browser(_)) => redirect::serve(url, move || {
                    let _ = inputs.send(Input::LinkReused);
                })
                .await
                .map(Secret::new),
                (result, _) => result,
            };
            let result = result.map(|url| Link { url, opener });
            Outcome::SignedIn {
                key,
                result,
                deliver,
            }
        });
    }

    /// By the role as it is in the file now: how it is shown makes no new slot.
    fn browser_of(&self, role: &Name) -> Option<Browser> {
        let config = self.file.config();
        config.browser_of(config.role(role)?).cloned()
    }

    pub(super) fn signed_in(
        &mut self,
        key: &SessionKey,
        result: Result<Link, Problem>,
        deliver: Deliver,
    ) {
        if let Some(slot) = self.roles.get_mut(key) {
            slot.signing_in = slot.signing_in.saturating_sub(1);
        }
        if self.is_locked() {
            refuse(deliver.into_reply(), Problem::locked());
            return;
        }
        match self.hand_over(result, &deliver) {
            Ok(response) => {
                tracing::info!(role = key.role.as_str(), "console link made");
                self.note_link(key, &deliver);
                self.forget_notices(Some(&key.role));
                let _ = deliver.into_reply().send(response);
            }
            Err(problem) => {
                self.notice(Some(&key.role), &problem);
                refuse(deliver.into_reply(), problem);
            }
        }
    }

    fn hand_over(
        &mut self,
        result: Result<Link, Problem>,
        deliver: &Deliver,
    ) -> Result<Response, Problem> {
        let Link { url, opener } = result?;
        match deliver {
            Deliver::Link(_) => Ok(Response::ConsoleUrl { url }),
            Deliver::Browser(_) => {
                let desktop = &mut self.ports.desktop;
                match opener {
                    Some(opener) => desktop.start(&opener.command(url.expose()))?,
                    None => desktop.open_browser(url.expose())?,
                }
                Ok(Response::Done)
            }
            Deliver::Clipboard(_) => {
                let seconds = self.file.config().settings.clipboard_seconds;
                self.ports.desktop.copy(url, seconds)?;
                Ok(Response::Done)
            }
        }
    }

    pub(super) fn warn_of_reuse(&mut self) {
        self.record(Event::LinkReused);
        let title = self.language().say("A console link was asked for twice");
        self.notify(
            Topic::Link,
            title,
            "Daypass gave it out once only. If the console did not open for you, another program on this computer may have taken it: sign out of the console there and open it again.",
            Vec::new(),
        );
    }
}

/// How the chosen browser is opened; nothing where it is the system's. Its files are read beside the
/// loop.
async fn opener(programs: Programs, chosen: Option<Browser>) -> Result<Option<Opener>, Problem> {
    let Some(browser) = chosen.filter(|browser| !browser.is_system()) else {
        return Ok(None);
    };
    tokio::task::spawn_blocking(move || programs.opener(&browser))
        .await
        .unwrap_or_else(|_| Err(Problem::ours("The browser could not be looked up.")))
        .map(Some)
}

async fn token(
    sign_in: &Arc<dyn SignIn>,
    federation: &Url,
    forms: Vec<Secret>,
) -> Result<Secret, Problem> {
    for form in forms {
        match sign_in.signin_token(federation.clone(), form).await {
            Ok(token) => return Ok(token),
            Err(SignInError::Problem(problem)) => return Err(problem),
            Err(SignInError::BadRequest) => {}
        }
    }
    Err(Problem::yours(
        Code::AwsRefused,
        "AWS's sign-in refused this role's session.",
        "Try again; if it stays so, check that the role may use the console.",
    ))
}
