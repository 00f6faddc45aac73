//! The block of lines that is Daypass's.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    ops::Range,
    path::Path,
};

use daypass_core::problem::{Code, Problem};
use zeroize::Zeroizing;

use super::Profile;
use crate::ini::{Document, Section, profile_of, profile_section};

/// `aws configure set` takes every line with `=` or `:` for a key, comments too, and writes behind
/// it: the markers have neither, so that it keeps out of the block.
const BEGIN: &str =
    "# >>> daypass >>> Written by `daypass profiles`, which replaces what stands here.";
const END: &str = "# <<< daypass <<<";
const BEGINS: &str = "# >>> daypass >>>";

/// The keys that are ours in each of the block's sections.
const OURS: [&str; 2] = ["credential_process", "region"];

/// The file with a new block.
pub(super) struct Rewritten {
    pub(super) document: Document,
    pub(super) warnings: Vec<String>,
    pub(super) left_out: Vec<String>,
}

/// Puts a block with exactly these profiles in place of the one that is there. A block that isn't
/// there yet comes to the end.
pub(super) fn rewrite(
    document: &Document,
    wanted: &[Profile],
    path: &Path,
) -> Result<Rewritten, Problem> {
    let block = find(document, path)?;
    let (ours, foreign) = divide(document, block.as_ref());
    check_block(document, &ours, block.as_ref(), path)?;
    let (wanted, mut warnings, left_out) = without_namesakes(wanted, &foreign, path);
    let kept = Kept::of(document, &ours);
    warnings.extend(kept.warnings(&wanted));
    let text = lines(document, &wanted, &kept)?;
    let strays = strays(document, &ours, block.as_ref());
    let text = replace(document, block, &text, strays);
    let rewritten = Document::parse(&text).map_err(|mistake| mistake.in_file(path))?;
    check_result(document, &ours, &rewritten, &wanted)?;
    Ok(Rewritten {
        document: rewritten,
        warnings,
        left_out,
    })
}

/// The names of the sections that are Daypass's.
pub(crate) fn own_sections(document: &Document, path: &Path) -> Result<HashSet<String>, Problem> {
    let block = find(document, path)?;
    let (ours, _) = divide(document, block.as_ref());
    Ok(ours.iter().map(|s| s.name().to_owned()).collect())
}

/// The lines of the block, markers included.
fn find(document: &Document, path: &Path) -> Result<Option<Range<usize>>, Problem> {
    let marked = |marker: &'static str| {
        let lines = document.lines_of_text();
        lines
            .filter(move |(_, line)| line.starts_with(marker))
            .map(|(index, _)| index)
    };
    let (mut begins, mut ends) = (marked(BEGINS), marked(END));
    match (begins.next(), ends.next(), begins.next(), ends.next()) {
        (None, None, ..) => Ok(None),
        (Some(begin), Some(end), None, None) if begin < end => Ok(Some(begin..end + 1)),
        (begin, end, ..) => {
            let line = begin.or(end).unwrap_or_default() + 1;
            Err(broken(
                path,
                line,
                "Daypass's two markers are not both there, once and in their order",
            ))
        }
    }
}

fn broken(path: &Path, line: usize, what: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("{}, line {line}: {what}.", path.display()),
        format!(
            "Daypass's profiles stand between the lines \"{BEGINS}\" and \"{END}\". Correct the file, then try again."
        ),
    )
}

type Sections<'a> = Vec<&'a Section>;

/// Sections that begin in the block, and all others.
fn divide<'a>(
    document: &'a Document,
    block: Option<&Range<usize>>,
) -> (Sections<'a>, Sections<'a>) {
    let inside =
        |section: &&Section| block.is_some_and(|block| block.contains(&(section.line() - 1)));
    document.sections().iter().partition(inside)
}

/// What stands in the block and was not put there by us would be lost: better to be told.
fn check_block(
    document: &Document,
    ours: &[&Section],
    block: Option<&Range<usize>>,
    path: &Path,
) -> Result<(), Problem> {
    let strange = ours.iter().find(|section| {
        let process = document.own(section, "credential_process").is_some();
        !process || profile_of(section.name()).is_none()
    });
    if let Some(section) = strange {
        let what = format!(
            "[{}] stands between Daypass's markers and is not Daypass's; it belongs below them",
            section.name()
        );
        return Err(broken(path, section.line(), &what));
    }
    let Some(block) = block else { return Ok(()) };
    let first = ours.iter().map(|section| section.line() - 1).min();
    let before = block.start..first.unwrap_or(block.end);
    match document.key_lines().find(|line| before.contains(line)) {
        Some(line) => Err(broken(
            path,
            line + 1,
            "a key stands between Daypass's markers and is not Daypass's; it belongs above them",
        )),
        None => Ok(()),
    }
}

/// A second section of the same name would make the file unreadable for every tool.
fn without_namesakes<'a>(
    wanted: &'a [Profile],
    foreign: &[&Section],
    path: &Path,
) -> (Vec<&'a Profile>, Vec<String>, Vec<String>) {
    let taken: HashMap<String, &Section> = foreign
        .iter()
        .filter_map(|section| Some((profile_of(section.name())?, *section)))
        .collect();
    let (mut kept, mut warnings, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for profile in wanted {
        let Some(section) = taken.get(&profile.name) else {
            kept.push(profile);
            continue;
        };
        warnings.push(format!(
            "[{}] is in {} already, line {}: Daypass's profile {} is left out. Remove that section or choose another name.",
            section.name(),
            path.display(),
            section.line(),
            profile.name
        ));
        left_out.push(profile.name.clone());
    }
    (kept, warnings, left_out)
}

/// What people have added to our profiles, by hand or with `aws configure set`.
struct Kept<'a>(HashMap<String, Vec<(&'a str, Zeroizing<String>)>>);

impl<'a> Kept<'a> {
    fn of(document: &'a Document, ours: &[&'a Section]) -> Self {
        let mut kept = HashMap::new();
        for section in ours {
            let added = section.keys().filter(|key| *key != OURS[0]);
            let added = added.filter_map(|key| Some((key, document.entry_text(section, key)?)));
            let Some(name) = profile_of(section.name()) else {
                continue;
            };
            kept.insert(name, added.collect());
        }
        Self(kept)
    }

    /// Whatever the profile sets itself is not kept.
    fn beside(&self, profile: &Profile) -> impl Iterator<Item = &str> {
        let own = profile.region.as_ref().map(|_| OURS[1]);
        let kept = self.0.get(&profile.name).into_iter().flatten();
        kept.filter(move |(key, _)| Some(*key) != own)
            .map(|(_, lines)| lines.as_str())
    }

    fn warnings(&self, wanted: &[&Profile]) -> Vec<String> {
        let wanted: HashSet<&str> = wanted.iter().map(|p| p.name.as_str()).collect();
        let mut warnings: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| !wanted.contains(name.as_str()))
            .filter_map(|(name, added)| {
                let keys = added.iter().map(|(key, _)| *key);
                let keys: Vec<&str> = keys.filter(|key| *key != OURS[1]).collect();
                (!keys.is_empty()).then(|| {
                    format!(
                        "With Daypass's profile {name} goes what was added to it: {}.",
                        keys.join(", ")
                    )
                })
            })
            .collect();
        warnings.sort();
        warnings
    }
}

/// The text of the block; nothing without profiles.
fn lines(
    document: &Document,
    wanted: &[&Profile],
    kept: &Kept<'_>,
) -> Result<Zeroizing<String>, Problem> {
    let newline = document.newline();
    let mut text = Zeroizing::new(String::new());
    if wanted.is_empty() {
        return Ok(text);
    }
    let mut lines = vec![Zeroizing::new(BEGIN.to_owned())];
    for profile in wanted {
        lines.push(Zeroizing::new(format!(
            "[{}]",
            profile_section(&profile.name)?
        )));
        lines.push(Zeroizing::new(format!("{} = {}", OURS[0], profile.command)));
        if let Some(region) = &profile.region {
            lines.push(Zeroizing::new(format!("{} = {region}", OURS[1])));
        }
        lines.extend(
            kept.beside(profile)
                .map(|line| Zeroizing::new(line.to_owned())),
        );
    }
    lines.push(Zeroizing::new(END.to_owned()));
    text.reserve(lines.iter().map(|line| line.len() + newline.len()).sum());
    for line in &lines {
        let _ = write!(text, "{}{newline}", line.as_str());
    }
    Ok(text)
}

/// Keys of our last profile that `aws configure set` has put behind the end marker.
fn strays(document: &Document, ours: &[&Section], block: Option<&Range<usize>>) -> Vec<usize> {
    let (Some(last), Some(block)) = (ours.last(), block) else {
        return Vec::new();
    };
    let lines = document.entry_lines(last);
    lines.filter(|line| *line >= block.end).collect()
}

fn replace(
    document: &Document,
    block: Option<Range<usize>>,
    text: &str,
    strays: Vec<usize>,
) -> Zeroizing<String> {
    let Some(block) = block else {
        let end = document.text().len();
        let glue = if text.is_empty() {
            ""
        } else {
            document.missing_newline()
        };
        return document.splice(end..end, &Zeroizing::new(format!("{glue}{text}")));
    };
    let bytes = document.bytes(block);
    let mut new = document.without_lines(strays.into_iter());
    // The strays lie behind the block, so its bytes are where they were.
    new.replace_range(bytes, text);
    new
}

/// Reads back what would be written (T10).
fn check_result(
    before: &Document,
    ours: &[&Section],
    after: &Document,
    wanted: &[&Profile],
) -> Result<(), Problem> {
    let mut names: HashSet<String> = ours.iter().map(|s| s.name().to_owned()).collect();
    let mut right = true;
    for profile in wanted {
        let name = profile_section(&profile.name)?;
        let section = after.section(&name);
        let value = |key| section.and_then(|section| after.own(section, key));
        right &= value(OURS[0]).as_deref() == Some(&profile.command);
        right &= profile.region.is_none() || value(OURS[1]).as_deref() == profile.region.as_deref();
        names.insert(name);
    }
    if right && before.same_but(after, |section, _| names.contains(section)) {
        return Ok(());
    }
    Err(Problem::ours(
        "The block of profiles would not read back as it should, and nothing was written.",
    ))
}
