use daypass_core::{
    journal::{Entry, Event, Filter, Kind, Page, Query},
    problem::Problem,
    protocol::{Request, Response},
    when::When,
};

use super::{not_json, note, print};
use crate::{
    agent::{Agent, unexpected},
    args,
    colour::{Paint, Tone},
    words,
};

pub(super) fn run(log: args::Log, agent: &Agent) -> Result<(), Problem> {
    let limit = usize::try_from(log.limit).unwrap_or(usize::MAX);
    let json = log.json;
    let (entries, older) = newest(filter(log, agent)?, limit, agent)?;
    if json {
        return print(&lines(&entries)?);
    }
    if entries.is_empty() {
        note("Nothing of that kind was noted.");
    } else if older {
        note(&format!("The newest {limit}; --limit shows more."));
    }
    print(&text(&entries, Paint::for_stdout()))
}

/// Times are counted back from the agent's clock.
fn filter(log: args::Log, agent: &Agent) -> Result<Filter, Problem> {
    let relative = log.since.is_some() || log.until.is_some();
    let now = relative.then(|| agent.state()).transpose()?;
    let at = |when: Option<When>| Some(when?.at(now.as_ref()?.now));
    Ok(Filter {
        role: log.role,
        identity: log.identity,
        kinds: log.kind.into_iter().map(Kind::from).collect(),
        since: at(log.since),
        until: at(log.until),
        text: log.grep,
    })
}

/// The newest entries, oldest first, and whether there are older ones.
fn newest(filter: Filter, limit: usize, agent: &Agent) -> Result<(Vec<Entry>, bool), Problem> {
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let query = Query {
            filter: filter.clone(),
            limit: limit - entries.len(),
            before,
        };
        let Page {
            entries: more,
            next,
        } = match agent.ask(Request::Journal(query))? {
            Response::Journal(page) => page,
            _ => return Err(unexpected()),
        };
        entries.extend(more);
        before = next;
        if before.is_none() || entries.len() >= limit {
            entries.truncate(limit);
            entries.reverse();
            return Ok((entries, before.is_some()));
        }
    }
}

fn lines(entries: &[Entry]) -> Result<String, Problem> {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&serde_json::to_string(entry).map_err(|_| not_json())?);
        text.push('\n');
    }
    Ok(text)
}

fn text(entries: &[Entry], paint: Paint) -> String {
    let rows: Vec<_> = entries.iter().map(|entry| row(entry, paint)).collect();
    words::table(&rows)
}

fn row(entry: &Entry, paint: Paint) -> Vec<String> {
    let words = entry.words();
    let words = match tone(&entry.event) {
        Some(tone) => paint.tone(tone, &words),
        None => words,
    };
    vec![
        words::instant(entry.at),
        name(entry.event.kind()).to_owned(),
        words,
    ]
}

const fn tone(event: &Event) -> Option<Tone> {
    match event {
        Event::SessionFailed { .. }
        | Event::CodeFailed { .. }
        | Event::PublishFailed { .. }
        | Event::KeyNotReplaced { .. }
        | Event::LinkReused
        | Event::Lost { .. } => Some(Tone::Bad),
        Event::Started { .. } | Event::Unknown(_) => Some(Tone::Quiet),
        _ => None,
    }
}

/// As it is written after `--kind`.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Use => "use",
        Kind::Link => "link",
        Kind::Code => "code",
        Kind::Session => "session",
        Kind::Copy => "copy",
        Kind::Publish => "publish",
        Kind::Key => "key",
        Kind::Setup => "setup",
        Kind::Lock => "lock",
        Kind::Other => "other",
    }
}
