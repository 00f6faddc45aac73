//! Puts an agent together from its real parts. The tray and the headless agent differ only in
//! vault and desktop.

use std::sync::Arc;

use daypass_core::{
    paths::Paths,
    problem::{Code, Problem},
};
use tokio::sync::mpsc;

use crate::{
    aws::{FederationEndpoint, Http, IamClient, Line, SecretsClient, StsClient},
    config_file::ConfigFile,
    controller::{Controller, Handle, Input, Ports},
    journal::Journal,
    ports::{Desktop, Vault},
    programs::Programs,
    runtime::Tokio,
    vault::VaultThread,
};

#[cfg(unix)]
pub use crate::runtime_dir::Refused;

/// An agent that is ready to run, within the runtime it was built in.
pub struct Agent {
    /// What reaches it.
    pub handle: Handle,
    /// Ends when somebody asks it to quit.
    pub life: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Builds the agent and takes its place on the socket. The desktop is given the way to report what
/// people click on.
///
/// # Errors
/// When another agent runs, or the machine does not let this one.
#[cfg(unix)]
pub fn agent(
    paths: &Paths,
    vault: Box<dyn Vault>,
    desktop: impl FnOnce(mpsc::UnboundedSender<Input>) -> Box<dyn Desktop>,
) -> Result<Agent, Refused> {
    let place = crate::runtime_dir::take(paths)?;
    crate::server::make_room();
    let file = ConfigFile::open(paths.config_file.clone());
    let endpoints = file.config().endpoints.clone();
    let http = Http::new(&file.config().settings);
    let vault = VaultThread::start(vault, Arc::new(Tokio))
        .map_err(|error| Refused::Problem(no_thread(&error)))?;
    let (inputs, queue) = mpsc::unbounded_channel();
    let tell = inputs.clone();
    let journal = Journal::start(paths.journal_file(), move |problem| {
        let _ = tell.send(Input::Failed(problem));
    })
    .map_err(|error| Refused::Problem(no_thread(&error)))?;
    #[cfg(target_os = "linux")]
    crate::signals::listen(
        crate::bus::Bus::System,
        crate::bus::Bus::Session,
        inputs.clone(),
    );
    let http = http.unwrap_or_else(|problem| {
        let _ = inputs.send(Input::Failed(problem));
        Http::default()
    });
    let ports = Ports {
        vault,
        sts: Arc::new(StsClient::new(&http, &endpoints)),
        sign_in: Arc::new(FederationEndpoint::new(&http)),
        iam: Arc::new(IamClient::new(&http, &endpoints)),
        secrets: Arc::new(SecretsClient::new(&http, &endpoints)),
        desktop: desktop(inputs.clone()),
        clock: http.clock(),
        runtime: Arc::new(Tokio),
        network: Arc::new(Line::new(&http, &endpoints)),
        journal,
        programs: Programs::of_this_process(),
    };
    let (controller, handle) = Controller::new(ports, file, paths.removed_keys_file(), inputs);
    let controller = controller
        .keep_sessions_in(paths.sessions_file())
        .remember_usage();
    let server = crate::server::serve(place.listener, handle.clone());
    let socket = paths.socket();
    let lock = place.lock;
    let life = async move {
        tokio::select! {
            () = controller.run(queue) => {}
            () = server => {}
        }
        // A socket that is left behind would be cleared by the next agent.
        let _ = std::fs::remove_file(socket);
        drop(lock);
    };
    Ok(Agent {
        handle,
        life: Box::pin(life),
    })
}

/// The runtime that the agent's loop and slow work share.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("agent")
        .enable_all()
        .build()
        .map_err(|error| no_thread(&error))
}

fn no_thread(error: &std::io::Error) -> Problem {
    Problem::passing(
        Code::Failed,
        format!("The system gives Daypass no thread: {error}."),
        "End some programs, then try again.",
    )
}
