//! The fake world around the real controller.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;
use daypass_core::{
    config::Identity,
    duration::Duration,
    field::AccessKeyId,
    partition::Partition,
    problem::Code,
    protocol::{NewIdentity, NewKey, WireCredentials},
    role::SessionKind,
    secret::{AccessKey, SessionCredentials},
    session::Origin,
    settings::Settings,
};
use daypass_shared_files::import::ForeignKey;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use url::Url;

use super::super::*;
use crate::seal::SealingKey;
use crate::{
    clock::Trust,
    ports::{
        AssumeRole, Assumed, AwsCause, KeyFacts, Mfa, Notification, PutSecret, SignInError, Source,
        Topic, Vault,
    },
    programs::Programs,
    runtime::Tokio,
};

pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/Admin";
pub(super) const SERIAL: &str = "arn:aws:iam::111122223333:mfa/ada";

#[derive(Default)]
pub(super) struct World {
    pub(super) now: Instant,
    /// For how long the computer was awake; unknown where a test has no sleep in it.
    pub(super) awake: Option<std::time::Duration>,
    pub(super) vault: HashMap<Name, VaultItem>,
    pub(super) vault_reads: usize,
    pub(super) vault_error: Option<VaultError>,
    /// The key for the session file, once it was made.
    pub(super) data_key: Option<SealingKey>,
    pub(super) data_key_error: Option<VaultError>,
    /// Lets the vault hang in its next read until it fires.
    pub(super) vault_gate: Option<std::sync::mpsc::Receiver<()>>,
    pub(super) sts: Vec<String>,
    pub(super) times_asked: usize,
    /// Where the time was asked last.
    pub(super) time_of: Option<Partition>,
    pub(super) trust: Trust,
    pub(super) behind: TimeDelta,
    /// Devices of the codes that were sent for MFA sessions.
    pub(super) serials: Vec<String>,
    pub(super) next_failure: Option<AwsCause>,
    /// For how long AWS wants to be left alone after a failure.
    pub(super) retry_after: Option<std::time::Duration>,
    pub(super) sts_down: bool,
    pub(super) sign_ins: Vec<Option<String>>,
    pub(super) refuse_duration: bool,
    pub(super) trays: Vec<Tray>,
    pub(super) notifications: Vec<Notification>,
    pub(super) withdrawn: Vec<Topic>,
    pub(super) popups: usize,
    pub(super) no_screen: bool,
    pub(super) opened: Vec<String>,
    /// Programs with their arguments.
    pub(super) started: Vec<Vec<String>>,
    /// Settings that the desktop was to go by.
    pub(super) applied: Vec<Settings>,
    pub(super) copied: Vec<String>,
    /// How often the clipboard was cleared.
    pub(super) cleared: usize,
    /// Ids of the user's keys.
    pub(super) iam_keys: Vec<String>,
    pub(super) iam_calls: Vec<String>,
    /// The call, counted from one, that IAM fails.
    pub(super) iam_fails_at: Option<usize>,
    /// For how many calls a new key is still unknown to STS.
    pub(super) unknown_for: usize,
    pub(super) refuse_writes: bool,
    /// Secret and value, in the order of the calls.
    pub(super) secrets: Vec<(String, String)>,
    pub(super) sessions: usize,
    /// Holds the next STS answer back until it fires.
    pub(super) gate: Option<oneshot::Receiver<()>>,
    /// The same for the next answer of GetCallerIdentity.
    pub(super) identity_gate: Option<oneshot::Receiver<()>>,
}

#[derive(Clone, Default)]
pub(super) struct Fake(Arc<Mutex<World>>);

impl Fake {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn session(
        &self,
        call: String,
        seconds: u32,
    ) -> Result<SessionCredentials, AwsError> {
        let mut world = self.world();
        world.sts.push(call);
        let down = world.sts_down.then_some(AwsCause::Passing);
        if let Some(cause) = world.next_failure.take().or(down) {
            let problem = Problem::passing(Code::AwsRefused, format!("{cause:?}"), "");
            return Err(AwsError {
                retry_after: world.retry_after,
                ..AwsError::new(cause, problem)
            });
        }
        world.sessions += 1;
        Ok(SessionCredentials {
            access_key_id: format!("ASIA{}", world.sessions),
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: Secret::new("token".to_owned()),
            expires_at: world.now + TimeDelta::seconds(i64::from(seconds)),
        })
    }
}

impl Fake {
    fn iam_call(&self, call: &str, source: &Source) -> Result<(), AwsError> {
        let from = match source {
            Source::Key(key, _) => key.id.as_str(),
            Source::Session(_) => "session",
            Source::Ambient(_) => "ambient",
        };
        let mut world = self.world();
        world.iam_calls.push(format!("{call} with {from}"));
        if world.iam_fails_at == Some(world.iam_calls.len()) {
            return Err(AwsError::new(
                AwsCause::Passing,
                Problem::passing(Code::AwsRefused, "IAM is away.", ""),
            ));
        }
        Ok(())
    }
}

impl Clock for Fake {
    fn now(&self) -> Instant {
        self.world().now
    }

    fn behind(&self) -> TimeDelta {
        self.world().behind
    }

    fn trust(&self) -> Trust {
        self.world().trust
    }

    fn awake(&self) -> Option<std::time::Duration> {
        self.world().awake
    }

    fn pass(&self, time: std::time::Duration) -> BoxFuture<'static, ()> {
        self.world().now += TimeDelta::from_std(time).unwrap();
        Box::pin(async {})
    }
}

impl Vault for Fake {
    fn probe(&self) -> Result<(), VaultError> {
        self.world().vault_error.clone().map_or(Ok(()), Err)
    }

    fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError> {
        let gate = self.world().vault_gate.take();
        self.world().vault_reads += 1;
        if let Some(gate) = gate {
            gate.recv().unwrap();
        }
        let world = self.world();
        world.vault_error.clone().map_or(Ok(()), Err)?;
        Ok(world.vault.get(identity).cloned())
    }

    fn write(&self, identity: &Name, item: &VaultItem) -> Result<(), VaultError> {
        let mut world = self.world();
        world.vault_error.clone().map_or(Ok(()), Err)?;
        if world.refuse_writes {
            return Err(VaultError::Failed("it is full".to_owned()));
        }
        world.vault.insert(identity.clone(), item.clone());
        Ok(())
    }

    fn delete(&self, identity: &Name) -> Result<(), VaultError> {
        self.world().vault.remove(identity);
        Ok(())
    }

    fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        Ok(Vec::new())
    }

    fn data_key(&self) -> Result<SealingKey, VaultError> {
        let mut world = self.world();
        let error = world.vault_error.clone().or(world.data_key_error.clone());
        error.map_or(Ok(()), Err)?;
        let made = || SealingKey::generate().unwrap();
        Ok(world.data_key.get_or_insert_with(made).clone())
    }
}

impl Sts for Fake {
    fn get_session_token(
        &self,
        _: AccessKey,
        mfa: Mfa,
        duration: Duration,
        _: Partition,
    ) -> BoxFuture<'static, Result<SessionCredentials, AwsError>> {
        let serial = mfa.serial.as_str().to_owned();
        self.world().serials.push(serial);
        let call = format!(
            "GetSessionToken {} {}s",
            mfa.code.expose(),
            duration.seconds()
        );
        let result = self.session(call, duration.seconds());
        let gate = self.world().gate.take();
        Box::pin(async {
            pass_gate(gate).await;
            result
        })
    }

    fn assume_role(
        &self,
        source: Source,
        request: AssumeRole,
    ) -> BoxFuture<'static, Result<Assumed, AwsError>> {
        let (from, origin) = match &source {
            Source::Key(_, None) => ("key -".to_owned(), Origin::LongTermKey),
            Source::Key(_, Some(mfa)) => {
                (format!("key {}", mfa.code.expose()), Origin::LongTermKey)
            }
            Source::Session(_) => ("session".to_owned(), Origin::Temporary),
            Source::Ambient(_) => ("ambient".to_owned(), Origin::Temporary),
        };
        let role = &request.role;
        let seconds = role.wanted_duration().seconds();
        let (operation, name) = if role.arn.is_federated_user() {
            ("GetFederationToken", role.arn.short_name())
        } else {
            ("AssumeRole", request.session_name.as_str())
        };
        let mut call = format!("{operation} {from} {name} {seconds}s");
        for arn in &role.policy_arns {
            call.push_str(&format!(" {}", arn.as_str()));
        }
        let result = self.session(call, seconds);
        let gate = self.world().gate.take();
        Box::pin(async move {
            pass_gate(gate).await;
            result.map(|credentials| Assumed {
                credentials,
                origin,
            })
        })
    }

    fn get_caller_identity(
        &self,
        _: AccessKey,
        _: Partition,
    ) -> BoxFuture<'static, Result<String, AwsError>> {
        let mut result = self.session("GetCallerIdentity".to_owned(), 900);
        let gate = self.world().identity_gate.take();
        let mut world = self.world();
        if world.unknown_for > 0 {
            world.unknown_for -= 1;
            result = Err(AwsError::new(
                AwsCause::Refused,
                Problem::passing(Code::AwsRefused, "AWS does not know this key.", ""),
            ));
        }
        Box::pin(async {
            pass_gate(gate).await;
            result.map(|_| "arn:aws:iam::111122223333:user/ada".to_owned())
        })
    }

    fn ask_time(&self, partition: Partition) -> BoxFuture<'static, Result<(), AwsError>> {
        let mut world = self.world();
        world.times_asked += 1;
        world.time_of = Some(partition);
        Box::pin(async { Ok(()) })
    }
}

impl SignIn for Fake {
    fn signin_token(
        &self,
        _: Url,
        form: Secret,
    ) -> BoxFuture<'static, Result<Secret, SignInError>> {
        let duration = url::form_urlencoded::parse(form.expose().as_bytes())
            .find(|(key, _)| key == "SessionDuration")
            .map(|(_, value)| value.into_owned());
        let mut world = self.world();
        let refused = world.refuse_duration && duration.is_some();
        world.sign_ins.push(duration);
        Box::pin(async move {
            if refused {
                return Err(SignInError::BadRequest);
            }
            Ok(Secret::new("token".to_owned()))
        })
    }
}

impl Iam for Fake {
    fn list_access_keys(
        &self,
        source: Source,
        _: Partition,
    ) -> BoxFuture<'static, Result<Vec<KeyFacts>, AwsError>> {
        let result = self.iam_call("ListAccessKeys", &source).map(|()| {
            let world = self.world();
            let facts = |id: &String| KeyFacts {
                id: id.clone(),
                created_at: Some(world.now),
            };
            world.iam_keys.iter().map(facts).collect()
        });
        Box::pin(async { result })
    }

    fn create_access_key(
        &self,
        source: Source,
        _: Partition,
    ) -> BoxFuture<'static, Result<(AccessKey, Option<Instant>), AwsError>> {
        let result = self.iam_call("CreateAccessKey", &source).map(|()| {
            let mut world = self.world();
            let id = format!("AKIANEWKEY{:06}", world.iam_calls.len());
            world.iam_keys.push(id.clone());
            let key = AccessKey::parse(&id, Secret::new(SECRET.to_owned())).unwrap();
            (key, Some(world.now))
        });
        Box::pin(async { result })
    }

    fn deactivate_access_key(
        &self,
        source: Source,
        _: Partition,
        id: AccessKeyId,
    ) -> BoxFuture<'static, Result<(), AwsError>> {
        let result = self.iam_call(&format!("Deactivate {}", id.as_str()), &source);
        Box::pin(async { result })
    }

    fn delete_access_key(
        &self,
        source: Source,
        _: Partition,
        id: AccessKeyId,
    ) -> BoxFuture<'static, Result<(), AwsError>> {
        let result = self
            .iam_call(&format!("Delete {}", id.as_str()), &source)
            .map(|()| self.world().iam_keys.retain(|known| known != id.as_str()));
        Box::pin(async { result })
    }
}

impl Secrets for Fake {
    fn put_secret_value(
        &self,
        credentials: SessionCredentials,
        put: PutSecret,
    ) -> BoxFuture<'static, Result<String, AwsError>> {
        let mut world = self.world();
        let call = format!(
            "{} in {} by {}",
            put.secret_id, put.region, credentials.access_key_id
        );
        world.secrets.push((call, put.value.expose().to_owned()));
        let version = format!("version-{}", world.secrets.len());
        Box::pin(async { Ok(version) })
    }
}

impl Desktop for Fake {
    fn show_tray(&mut self, tray: Tray) {
        self.world().trays.push(tray);
    }

    fn language(&self, chosen: Option<&str>) -> Language {
        Language::of(chosen, Language::default())
    }

    fn notify(&mut self, notification: Notification) {
        self.world().notifications.push(notification);
    }

    fn withdraw(&mut self, about: &Topic) {
        self.world().withdrawn.push(about.clone());
    }

    fn has_screen(&self) -> bool {
        !self.world().no_screen
    }

    fn open_popup(&mut self) -> bool {
        let mut world = self.world();
        world.popups += 1;
        !world.no_screen
    }

    fn copy(&mut self, secret: Secret, _: u16) -> Result<(), Problem> {
        self.world().copied.push(secret.expose().to_owned());
        Ok(())
    }

    fn clear_clipboard(&mut self) {
        self.world().cleared += 1;
    }

    fn open_browser(&mut self, url: &str) -> Result<(), Problem> {
        self.world().opened.push(url.to_owned());
        Ok(())
    }

    fn start(&mut self, command: &[String]) -> Result<(), Problem> {
        self.world().started.push(command.to_vec());
        Ok(())
    }

    fn apply(&mut self, settings: &Settings) {
        self.world().applied.push(settings.clone());
    }
}

pub(super) async fn pass_gate(gate: Option<oneshot::Receiver<()>>) {
    if let Some(gate) = gate {
        gate.await.unwrap();
    }
}

/// A running controller in the fake world.
pub(super) struct Desk {
    pub(super) fake: Fake,
    pub(super) handle: Handle,
    folder: Option<tempfile::TempDir>,
    pub(super) life: JoinHandle<()>,
}

impl Desk {
    pub(super) async fn with_role(kind: SessionKind) -> Self {
        Self::start(&config(kind), Some(item(&[SERIAL]))).await
    }

    pub(super) async fn start(config: &str, item: Option<VaultItem>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        if !config.is_empty() {
            std::fs::write(&path, config).unwrap();
        }
        let fake = Fake::default();
        fake.world().now = Instant::from_timestamp(1_800_000_000, 0).unwrap();
        fake.world()
            .vault
            .extend(item.map(|item| (name("work"), item)));
        let mut desk = Self::in_folder(folder, fake);
        // The first state of all is empty.
        let identities = config.matches("[[identity]]").count();
        desk.until(|view| {
            let known =
                |i: &daypass_core::view::IdentityView| i.ambient || i.access_key_id.is_some();
            view.identities.len() == identities && view.identities.iter().all(known)
        })
        .await;
        desk
    }

    /// A new controller on what an earlier one may have left.
    pub(super) fn in_folder(folder: tempfile::TempDir, fake: Fake) -> Self {
        let path = folder.path().join("config.toml");
        let (inputs, queue) = mpsc::unbounded_channel();
        let tell = inputs.clone();
        let journal = Journal::start(folder.path().join("journal.jsonl"), move |problem| {
            let _ = tell.send(Input::Failed(problem));
        });
        let ports = Ports {
            vault: VaultThread::start(Box::new(fake.clone()), Arc::new(Tokio)).unwrap(),
            sts: Arc::new(fake.clone()),
            sign_in: Arc::new(fake.clone()),
            iam: Arc::new(fake.clone()),
            secrets: Arc::new(fake.clone()),
            desktop: Box::new(fake.clone()),
            clock: Arc::new(fake.clone()),
            network: Arc::new(fake.clone()),
            journal: journal.unwrap(),
            programs: Programs::from_env(|name| match name {
                "HOME" => Some(folder.path().join("home").into()),
                "XDG_DATA_DIRS" => Some(folder.path().join("share").into()),
                "PATH" => Some(folder.path().join("bin").into()),
                _ => None,
            }),
            runtime: Arc::new(Tokio),
        };
        let (controller, handle) = Controller::new(
            ports,
            ConfigFile::open(path),
            folder.path().join("removed-keys.json"),
            inputs,
        );
        let controller = controller.keep_sessions_in(folder.path().join("state/sessions.sealed"));
        let controller = controller.remember_usage();
        let life = tokio::spawn(controller.run(queue));
        Self {
            fake,
            handle,
            folder: Some(folder),
            life,
        }
    }

    /// Ends without a word, and starts anew.
    pub(super) async fn crash(mut self) -> Self {
        self.life.abort();
        let _ = (&mut self.life).await;
        Self::in_folder(self.folder.take().unwrap(), self.fake.clone())
    }

    /// Quits, and starts anew.
    pub(super) async fn restart(self) -> Self {
        self.restart_after(|_| ()).await
    }

    /// The same, with something that happens in between.
    pub(super) async fn restart_after(mut self, happens: impl FnOnce(&Self)) -> Self {
        self.ask(Request::Quit).await.unwrap();
        (&mut self.life).await.unwrap();
        happens(&self);
        Self::in_folder(self.folder.take().unwrap(), self.fake.clone())
    }

    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().unwrap().path()
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.fake.world()
    }

    pub(super) fn now(&self) -> Instant {
        self.world().now
    }

    pub(super) fn view(&self) -> StateView {
        StateView::clone(&self.handle.state.borrow())
    }

    pub(super) fn role(&self) -> daypass_core::role::Role {
        let file = ConfigFile::open(self.folder().join("config.toml"));
        file.config().roles[0].clone()
    }

    pub(super) fn ask(&self, request: Request) -> oneshot::Receiver<Response> {
        let (reply, answer) = oneshot::channel();
        assert!(
            self.handle
                .inputs
                .send(Input::Request(request, None, reply))
                .is_ok()
        );
        answer
    }

    pub(super) fn choose(&self, choice: Choice) {
        assert!(self.handle.inputs.send(Input::Chosen(choice)).is_ok());
    }

    /// Submits a code and sees the state that follows.
    pub(super) async fn code(&mut self, code: &str) -> Response {
        let submit = Request::SubmitCode {
            identity: name("work"),
            wish: None,
            serial: None,
            code: Secret::new(code.to_owned()),
        };
        let response = self.ask(submit).await.unwrap();
        self.ask(Request::Status).await.unwrap();
        response
    }

    /// Waits until people see a state of that kind.
    pub(super) async fn until(&mut self, seen: impl FnMut(&StateView) -> bool) -> StateView {
        let mut seen = seen;
        let view = self.handle.state.wait_for(|view| seen(view)).await.unwrap();
        StateView::clone(&view)
    }

    /// One code, one session.
    pub(super) async fn warm(&mut self) {
        self.code("123456").await;
        served(self.ask(credentials()).await.unwrap());
    }

    pub(super) fn pass(&self, time: TimeDelta) {
        self.world().now += time;
    }

    /// Holds the next STS answer back until the sender is used.
    pub(super) fn hold_sts(&self) -> oneshot::Sender<()> {
        let (open, gate) = oneshot::channel();
        self.world().gate = Some(gate);
        open
    }

    /// Lets the vault hang in its next read until the sender is used.
    pub(super) fn hold_vault(&self) -> std::sync::mpsc::Sender<()> {
        let (open, gate) = std::sync::mpsc::channel();
        self.world().vault_gate = Some(gate);
        open
    }

    /// Waits until the vault was read so often.
    pub(super) async fn until_reads(&self, count: usize) {
        while self.world().vault_reads < count {
            tokio::task::yield_now().await;
        }
    }

    /// Holds the next answer of GetCallerIdentity back until the sender is used.
    pub(super) fn hold_caller_identity(&self) -> oneshot::Sender<()> {
        let (open, gate) = oneshot::channel();
        self.world().identity_gate = Some(gate);
        open
    }

    pub(super) fn fail_next(&self, cause: AwsCause) {
        self.world().next_failure = Some(cause);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.life.abort();
    }
}

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(super) fn credentials() -> Request {
    session_of("prod", Asking::Popup)
}

pub(super) fn session_of(role: &str, asking: Asking) -> Request {
    Request::Credentials {
        session: SessionKey::of(name(role)),
        asking,
    }
}

pub(super) fn prod() -> Console {
    Console::of(name("prod"))
}

pub(super) fn served(response: Response) -> WireCredentials {
    match response {
        Response::Credentials(credentials) => credentials,
        Response::Failed(problem) => panic!("{problem}"),
        _ => panic!("no credentials"),
    }
}

pub(super) fn config(kind: SessionKind) -> String {
    let kind = match kind {
        SessionKind::Daily => "daily",
        SessionKind::Long => "long",
    };
    format!(
        "version = 1\n[[identity]]\nname = \"work\"\n[[role]]\nname = \"prod\"\nidentity = \"work\"\nsession = \"{kind}\"\narn = \"{ROLE}\"\n"
    )
}

pub(super) fn item(serials: &[&str]) -> VaultItem {
    VaultItem {
        key: AccessKey::parse("AKIAIOSFODNN7EXAMPLE", Secret::new(SECRET.to_owned())).unwrap(),
        mfa_serials: serials
            .iter()
            .map(|serial| daypass_core::arn::MfaSerial::parse(serial).unwrap())
            .collect(),
        user_arn: "arn:aws:iam::111122223333:user/ada".to_owned(),
        created_at: Some(Instant::UNIX_EPOCH),
        rotation: None,
    }
}

pub(super) fn new_identity() -> Request {
    Request::AddIdentity(NewIdentity {
        identity: Identity {
            name: name("work"),
            ambient: false,
            profile: None,
        },
        key: Some(NewKey {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new(SECRET.to_owned()),
            mfa_serials: vec![SERIAL.to_owned()],
        }),
    })
}
