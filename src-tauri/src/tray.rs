//! The tray process: the agent on its own threads, icon and notifications, and no webview.

use daypass_agent::{
    controller::Input,
    hardening, log,
    start::{self as agent_start, Refused},
    vault::Keychain,
};
use daypass_client::Connection;
use daypass_core::{
    paths::Paths,
    problem::{Code, Problem},
    protocol::{Request, Response},
};
use tauri::{AppHandle, Manager, RunEvent};
use tokio::sync::mpsc::UnboundedSender;

use crate::{desktop::TauriDesktop, notifications::Notifications};

/// Who started the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Somebody who wants to see it.
    ByPerson,
    /// A command that needs an agent; many may start it at once.
    ByProgram,
}

/// Runs until somebody quits it.
pub(crate) fn run(start: Start) -> Result<(), Problem> {
    let inherited = hardening::harden()?;
    log::start();
    crate::needs_screen()?;
    let paths = Paths::from_env(|name| std::env::var_os(name))?;
    let app = tauri::Builder::default()
        .build(tauri::generate_context!())
        .map_err(|error| Problem::ours(format!("The tray could not be started: {error}.")))?;

    let runtime = agent_start::runtime()?;
    let guard = runtime.enter();
    let handle = app.handle().clone();
    let agent = agent_start::agent(&paths, Box::new(Keychain), |inputs| {
        Box::new(TauriDesktop::new(handle, inputs, inherited))
    });
    drop(guard);
    let agent = match agent {
        Ok(agent) => agent,
        Err(Refused::AlreadyRunning) if start == Start::ByProgram => return Ok(()),
        Err(Refused::AlreadyRunning) => return show_running(&paths),
        Err(Refused::Problem(problem)) => return Err(problem),
    };

    let inputs = agent.handle.inputs.clone();
    let handle = app.handle().clone();
    let life = runtime.spawn(agent.life);
    runtime.spawn(async move {
        // However it ends: an icon without an agent would do nothing.
        let ended = life.await;
        handle.exit(i32::from(ended.is_err()));
    });
    runtime.spawn(quit_on_signal(inputs.clone()));
    app.run(move |app, event| match event {
        RunEvent::Ready => show_icon(app, &inputs),
        // Without a window Tauri would end here; the tray ends when the agent does.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => api.prevent_exit(),
        _ => {}
    });
    // A keychain call that never returns must not keep the process.
    runtime.shutdown_background();
    Ok(())
}

/// A second start shows the window of the first.
fn show_running(paths: &Paths) -> Result<(), Problem> {
    let connection = Connection::open(paths).map_err(|_| {
        Problem::yours(
            Code::NoAgent,
            "Daypass is already running, but does not answer.",
            "End it in your system monitor, then start it again.",
        )
    })?;
    match connection.ask(Request::OpenWindow)? {
        Response::Failed(problem) => Err(problem),
        _ => Ok(()),
    }
}

/// On Linux the program that shows icons may be missing.
#[cfg(target_os = "linux")]
fn show_icon(app: &AppHandle, inputs: &UnboundedSender<Input>) {
    let notifications = app.state::<Notifications>().inner().clone();
    crate::tray_host::watch(app.clone(), inputs.clone(), notifications);
}

#[cfg(not(target_os = "linux"))]
fn show_icon(app: &AppHandle, inputs: &UnboundedSender<Input>) {
    if let Err(error) = crate::desktop::make_icon(app, inputs.clone()) {
        let _ = inputs.send(Input::TrayMissing(format!(
            "There is no tray icon: {error}."
        )));
    }
}

#[cfg(unix)]
async fn quit_on_signal(inputs: UnboundedSender<Input>) {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = inputs.send(Input::Chosen(daypass_core::menu::Choice::Quit));
}
