//! Whether the keychain answers.

use std::time::Duration;

use daypass_core::{finding::Finding, name::Name, problem::Problem};

use super::Stopwatch;
use crate::{
    ports::VaultError,
    vault::{Patience, VaultThread},
};

const ABOUT: &str = "keychain";
/// A healthy one takes some milliseconds.
const SLOW: Duration = Duration::from_secs(3);

pub(super) async fn finding(vault: &VaultThread, stored: Option<Name>) -> Finding {
    let watch = Stopwatch::start();
    let expected = stored.is_some();
    let Some(name) = stored.or_else(|| Name::parse("nobody").ok()) else {
        return Finding::broken(ABOUT, "It could not be asked.", "");
    };
    let answer = vault.read(name.clone(), Patience::Short).await;
    let took = watch.words();
    match answer {
        Ok(None) if expected => Finding::broken(
            ABOUT,
            format!("It answers, in {took}, but has no key for {name}."),
            format!(
                "Add it again: `daypass identity remove {name}`, then `daypass identity add {name}`."
            ),
        ),
        Ok(_) if watch.passed() > SLOW => Finding::attention(
            ABOUT,
            format!("It answers, but slowly: in {took}."),
            "Daypass asks it rarely; if other programs are slow with it too, restart it.",
        ),
        Ok(_) => Finding::ok(ABOUT, format!("It answers, in {took}.")),
        Err(error) => broken(error, &took),
    }
}

fn broken(error: VaultError, took: &str) -> Finding {
    let problem = Problem::from(error);
    let what = format!("{} It took {took}.", problem.what);
    Finding::broken(ABOUT, what, problem.todo)
}
