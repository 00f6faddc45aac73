//! A Leapp workspace: `~/.Leapp/Leapp-lock.json`, or what Leapp exports beside it. It holds no
//! keys; those are in the keychain (leapp: `packages/core/src/models`).

mod encrypted;

use std::collections::HashMap;

use daypass_core::{
    arn::PrincipalArn,
    field::{Region, SessionName},
    name::Name,
    problem::{Code, Problem},
    role::Role,
    secret::{AccessKey, Secret},
};
use serde::Deserialize;

use super::{
    draft::{Draft, Link, Start},
    foreign::{ForeignKey, Program},
    names::acceptable,
};

/// Leapp's own session name, which says nothing about who stands behind the session.
const DEFAULT_SESSION_NAME: &str = "assumed-from-leapp";

#[derive(Deserialize)]
struct Workspace {
    #[serde(rename = "_sessions", alias = "sessions")]
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    session_id: String,
    session_name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    mfa_device: Option<String>,
    #[serde(default)]
    role_arn: Option<String>,
    #[serde(default)]
    parent_session_id: Option<String>,
    #[serde(default)]
    role_session_name: Option<String>,
}

/// Takes IAM users whose keys are known, and the roles that are chained from them.
pub(super) fn take(
    text: &str,
    path: &str,
    foreign: &[ForeignKey],
    draft: &mut Draft<'_>,
) -> Result<(), Problem> {
    let workspace = read(text, path)?;
    let keys = foreign.iter().filter(|key| key.program == Program::Leapp);
    let keys = keys.map(|key| (key.profile.as_str(), key)).collect();
    let sessions = workspace.sessions.iter();
    let by_id = sessions.clone().enumerate();
    let mut taking = Taking {
        by_id: by_id.map(|(i, s)| (s.session_id.as_str(), i)).collect(),
        states: vec![State::New; workspace.sessions.len()],
        sessions: &workspace.sessions,
        keys,
        path,
        draft,
    };
    for (index, session) in sessions.enumerate() {
        match session.kind.as_str() {
            "awsIamUser" => taking.take_user(index, session),
            "awsIamRoleChained" => {}
            kind => {
                taking.set(index, State::Left);
                taking.leave(session, why_left(kind));
            }
        }
    }
    for (index, session) in workspace.sessions.iter().enumerate() {
        if session.kind == "awsIamRoleChained" {
            taking.take_role(index);
        }
    }
    Ok(())
}

fn why_left(kind: &str) -> &'static str {
    match kind {
        "awsSsoRole" => {
            "It is of IAM Identity Center. Set up `aws configure sso` and import the profile from AWS's config file."
        }
        "awsIamRoleFederated" => "It signs in with SAML, which Daypass does not.",
        _ => "It is not of AWS.",
    }
}

fn read(text: &str, path: &str) -> Result<Workspace, Problem> {
    let refuse = |what: &str, todo: &str| {
        Problem::yours(Code::Failed, format!("The file {path} {what}."), todo)
    };
    if text.trim().is_empty() {
        return Err(refuse(
            "is empty or not there",
            "Name an exported Leapp workspace.",
        ));
    }
    let plain = if text.trim_start().starts_with('{') {
        None
    } else {
        let machines = encrypted::machine_ids();
        Some(encrypted::open(text, &machines).ok_or_else(|| {
            refuse(
                "is no Leapp workspace, or one of another machine, with whose id Leapp encrypts it",
                "Import it on the machine where Leapp is.",
            )
        })?)
    };
    let json = plain.as_ref().map_or(text, |plain| plain.as_str());
    serde_json::from_str(json).map_err(|error| {
        let what = format!("is not a Leapp workspace (line {})", error.line());
        refuse(&what, "Name an exported Leapp workspace.")
    })
}

#[derive(Clone)]
enum State {
    New,
    Open,
    Taken(Start),
    Left,
}

struct Taking<'w, 'd, 'k> {
    sessions: &'w [Session],
    by_id: HashMap<&'w str, usize>,
    states: Vec<State>,
    keys: HashMap<&'w str, &'w ForeignKey>,
    path: &'w str,
    draft: &'d mut Draft<'k>,
}

impl Taking<'_, '_, '_> {
    fn take_user(&mut self, index: usize, session: &Session) {
        let state = match self.user(session) {
            Ok(start) => {
                let device = session
                    .mfa_device
                    .as_deref()
                    .filter(|serial| !serial.is_empty());
                let added = device.map(|serial| self.draft.add_device(&start, serial));
                if let Some(Err(why)) = added {
                    self.leave(session, &why);
                }
                State::Taken(start)
            }
            Err(why) => {
                self.leave(session, &why);
                State::Left
            }
        };
        self.set(index, state);
    }

    fn user(&mut self, session: &Session) -> Result<Start, String> {
        let name = &session.session_name;
        if let Some(key) = self.keys.get(session.session_id.as_str()) {
            let secret = Secret::new(key.secret_access_key.expose().to_owned());
            let parsed = AccessKey::parse(&key.access_key_id, secret);
            let parsed = parsed.map_err(|problem| problem.to_string())?;
            return self.draft.take_key(name, &key.origin, parsed, false);
        }
        self.draft.known_key(name).ok_or_else(|| {
            format!(
                "Its key is not in the workspace. Add it with `daypass identity add {}`, then import again.",
                acceptable(name)
            )
        })
    }

    /// Goes back to a session that is clear, then takes the roles in the order in which they are
    /// assumed.
    fn take_role(&mut self, index: usize) {
        let mut path = Vec::new();
        let mut at = index;
        let mut outcome = loop {
            match self.states.get_mut(at) {
                Some(State::Taken(start)) => break Ok(start.clone()),
                Some(state @ State::New) => *state = State::Open,
                Some(State::Open) => break Err("Its parent sessions go in a circle.".to_owned()),
                Some(State::Left) | None => break Err(self.parent_is_left(at)),
            }
            path.push(at);
            let session = self.sessions.get(at);
            let parent = session.and_then(|session| session.parent_session_id.as_deref());
            match parent.and_then(|id| self.by_id.get(id)) {
                Some(parent) => at = *parent,
                None => break Err("Its parent session is not there.".to_owned()),
            }
        };
        for at in path.into_iter().rev() {
            let Some(session) = self.sessions.get(at) else {
                continue;
            };
            let taken = outcome.and_then(|start| self.make_role(session, &start));
            match &taken {
                Ok(link) => self.set(at, State::Taken(Start::Role(link.clone()))),
                Err(why) => {
                    self.set(at, State::Left);
                    self.leave(session, why);
                }
            }
            outcome = taken.map(Start::Role).map_err(|_| self.parent_is_left(at));
        }
    }

    fn parent_is_left(&self, index: usize) -> String {
        let parent = self.sessions.get(index);
        format!(
            "Its parent session {} is left alone.",
            parent.map_or("", |session| &session.session_name)
        )
    }

    fn make_role(&mut self, session: &Session, start: &Start) -> Result<Link, String> {
        let told = |problem: Problem| problem.to_string();
        let arn = PrincipalArn::parse(session.role_arn.as_deref().unwrap_or_default());
        let arn = arn.map_err(told)?;
        let name = Name::parse(&acceptable(&session.session_name)).map_err(told)?;
        // Who starts it is set when it is taken.
        let mut role = Role::new(name.clone(), name, arn);
        let named = session.role_session_name.as_deref();
        let named = named.filter(|name| !name.is_empty() && *name != DEFAULT_SESSION_NAME);
        role.session_name = named.map(SessionName::parse).transpose().map_err(told)?;
        let region = session
            .region
            .as_deref()
            .and_then(|region| Region::parse(region).ok());
        let partition = role.arn.partition();
        role.region = region.filter(|region| partition.has_region(region.as_str()));
        let origin = self.origin(session);
        self.draft.take_role(role, start, &origin, Vec::new())
    }

    fn set(&mut self, index: usize, state: State) {
        if let Some(place) = self.states.get_mut(index) {
            *place = state;
        }
    }

    fn leave(&mut self, session: &Session, why: &str) {
        let origin = self.origin(session);
        self.draft.leave(&origin, why);
    }

    fn origin(&self, session: &Session) -> String {
        format!("{} in {}", session.session_name, self.path)
    }
}
