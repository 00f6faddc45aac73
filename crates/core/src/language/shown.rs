//! What of the agent's state and answers is a text of ours.

use super::{Language, answer::Answer};
use crate::{
    finding::Finding,
    import::{Failure, FoundIdentity, FoundRole, ImportPlan, ImportReport, LeftAlone},
    journal::{Event, Page},
    problem::Problem,
    protocol::Response,
    view::{Notice, PromptView, StateView, VaultView},
};

impl Language {
    /// A problem, said.
    #[must_use]
    pub fn problem(self, problem: Problem) -> Problem {
        Answer::new(self).problem(problem)
    }

    /// What was found, said.
    #[must_use]
    pub fn finding(self, finding: Finding) -> Finding {
        Answer::new(self).finding(finding)
    }

    /// The state with its texts said.
    #[must_use]
    pub fn state(self, state: StateView) -> StateView {
        if self == Self::default() {
            return state;
        }
        Answer::new(self).state(state)
    }

    /// An answer with its texts said.
    #[must_use]
    pub fn response(self, response: Response) -> Response {
        if self == Self::default() {
            return response;
        }
        Answer::new(self).response(response)
    }
}

impl Answer {
    fn problem(&self, problem: Problem) -> Problem {
        Problem {
            what: self.say(&problem.what),
            todo: self.say(&problem.todo),
            ..problem
        }
    }

    fn finding(&self, finding: Finding) -> Finding {
        Finding {
            about: self.say(&finding.about),
            state: finding.state,
            what: self.say(&finding.what),
            todo: self.say(&finding.todo),
        }
    }

    fn state(&self, state: StateView) -> StateView {
        let notice = |notice: Notice| Notice {
            problem: self.problem(notice.problem),
            ..notice
        };
        StateView {
            vault: match state.vault {
                VaultView::Missing { todo } => VaultView::Missing {
                    todo: self.say(&todo),
                },
                vault @ (VaultView::Ready | VaultView::Locked) => vault,
            },
            prompt: state.prompt.map(|prompt| self.prompt(prompt)),
            notices: state.notices.into_iter().map(notice).collect(),
            tray_missing: state.tray_missing.map(|why| self.say(&why)),
            ..state
        }
    }

    fn response(&self, response: Response) -> Response {
        match response {
            Response::State(state) => Response::State(Box::new(self.state(*state))),
            Response::ImportPlan(plan) => Response::ImportPlan(Box::new(self.plan(*plan))),
            Response::Imported(report) => Response::Imported(Box::new(self.report(*report))),
            Response::Journal(page) => Response::Journal(self.page(page)),
            Response::Written { path, warnings } => Response::Written {
                path,
                warnings: self.all(warnings),
            },
            Response::Examined(findings) => {
                let said = findings.into_iter().map(|finding| self.finding(finding));
                Response::Examined(said.collect())
            }
            Response::Failed(problem) => Response::Failed(self.problem(problem)),
            Response::Role { role, policies } => Response::Role {
                role,
                policies: policies.map_err(|problem| self.problem(problem)),
            },
            response @ (Response::Done
            | Response::MfaSession { .. }
            | Response::Credentials(_)
            | Response::ConsoleUrl { .. }
            | Response::Published { .. }
            | Response::KeyRotated { .. }
            | Response::CodeNeeded { .. }
            | Response::Browsers(_)) => response,
        }
    }

    fn all(&self, texts: Vec<String>) -> Vec<String> {
        texts.iter().map(|text| self.say(text)).collect()
    }

    fn prompt(&self, prompt: PromptView) -> PromptView {
        PromptView {
            purpose: self.purpose(&prompt),
            rejected: prompt.rejected.map(|problem| self.problem(problem)),
            ..prompt
        }
    }

    /// What a code is for: a role, with what comes of it after the last comma, or one of the two.
    fn purpose(&self, prompt: &PromptView) -> String {
        let role = prompt.session.as_ref().map(|key| key.role.as_str());
        if role == Some(prompt.purpose.as_str()) {
            return prompt.purpose.clone();
        }
        match prompt.purpose.rsplit_once(", ") {
            Some((role, rest)) => self.say_with(&format!("{{}}, {rest}"), role),
            None => self.say(&prompt.purpose),
        }
    }

    fn plan(&self, plan: ImportPlan) -> ImportPlan {
        let identity = |found: FoundIdentity| FoundIdentity {
            origin: self.say(&found.origin),
            ..found
        };
        let role = |found: FoundRole| FoundRole {
            origin: self.say(&found.origin),
            beware: self.all(found.beware),
            ..found
        };
        let left = |left: LeftAlone| LeftAlone {
            origin: self.say(&left.origin),
            why: self.say(&left.why),
        };
        ImportPlan {
            identities: plan.identities.into_iter().map(identity).collect(),
            roles: plan.roles.into_iter().map(role).collect(),
            left_alone: plan.left_alone.into_iter().map(left).collect(),
        }
    }

    fn report(&self, report: ImportReport) -> ImportReport {
        let failure = |failure: Failure| Failure {
            origin: self.say(&failure.origin),
            problem: self.problem(failure.problem),
        };
        ImportReport {
            failed: report.failed.into_iter().map(failure).collect(),
            ..report
        }
    }

    fn page(&self, mut page: Page) -> Page {
        for entry in &mut page.entries {
            match &mut entry.event {
                Event::SessionFailed { why, .. }
                | Event::CodeFailed { why, .. }
                | Event::PublishFailed { why, .. }
                | Event::KeyNotReplaced { why, .. } => *why = self.say(why),
                _ => {}
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{name::Name, session::SessionKey};

    #[test]
    fn a_role_that_looks_like_a_text_of_ours_keeps_its_name_where_a_code_is_asked_for() {
        let said = |role: &str, purpose: &str| {
            let role = Name::parse(role).unwrap();
            let prompt = PromptView {
                identity: role.clone(),
                devices: Vec::new(),
                asked_by: None,
                session: Some(SessionKey {
                    role,
                    read_only: false,
                }),
                purpose: purpose.to_owned(),
                rejected: None,
                checking: false,
            };
            let german = Language::of(Some("de"), Language::default());
            Answer::new(german).prompt(prompt).purpose
        };
        for name in [
            "prod",
            "Quit",
            "a, and b",
            "a, one session of b",
            "There is no role x: a",
            "{}",
        ] {
            assert_eq!(said(name, name), name);
            assert_eq!(
                said(name, &format!("{name}, one session of 1h")),
                format!("{name}, eine Sitzung von 1h")
            );
            assert_eq!(
                said("prod", &format!("{name}, and 12h without another code")),
                format!("{name} und 12h ohne einen weiteren Code")
            );
        }
        assert_eq!(
            said("prod", "12h without another code"),
            "12h ohne einen weiteren Code"
        );
    }
}
