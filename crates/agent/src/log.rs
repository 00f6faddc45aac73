//! Logs: to standard error, filtered by `DAYPASS_LOG`, `warn` when unset.
//!
//! Only our own crates are ever logged: the SDK and the HTTP stack print requests and answers at
//! trace level, with secrets in them (T18).

use tracing_subscriber::{
    Layer, filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// The variable that sets the level: `error`, `warn`, `info`, `debug` or `trace`.
pub const VARIABLE: &str = "DAYPASS_LOG";

/// Starts logging, and keeps the payload of a panic, which may quote anything, out of the log.
pub fn start() {
    let level = std::env::var(VARIABLE)
        .ok()
        .and_then(|level| level.parse().ok())
        .unwrap_or(LevelFilter::WARN);
    let ours =
        tracing_subscriber::filter::filter_fn(|metadata| metadata.target().starts_with("daypass"));
    let layer = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_filter(ours)
        .with_filter(level);
    // A second start, as tests in one process make it, keeps the first.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "Daypass made a mistake and ends this task");
    }));
}
