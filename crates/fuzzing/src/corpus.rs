//! Replays what fuzzing has found worth keeping, so that nothing of it comes back unnoticed.

use std::{fs, panic, path::Path};

use crate::Verdict;

/// Runs a check on all of its target's inputs, good ones and bad ones.
fn replay(target: &str, check: fn(&[u8]) -> Verdict) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let (mut taken, mut refused) = (0, 0);
    for file in fs::read_dir(folder.join(target)).unwrap() {
        let path = file.unwrap().path();
        let input = fs::read(&path).unwrap();
        match panic::catch_unwind(|| check(&input)) {
            Ok(Verdict::Taken) => taken += 1,
            Ok(Verdict::Refused) => refused += 1,
            Err(_) => panic!("{} breaks a promise", path.display()),
        }
    }
    assert!(
        taken > 0 && refused > 0,
        "{taken} taken, {refused} refused: the corpus no longer fits its target"
    );
}

#[test]
fn p8_frames() {
    replay("frame", crate::frame);
}

#[test]
fn r16_config_files() {
    replay("config", crate::config);
}

#[test]
fn t10_p5_edits_of_awss_files() {
    replay("ini", crate::ini);
}

#[test]
fn t9_imports() {
    replay("import", crate::import);
}

#[test]
fn p4_r5_answers_in_place_of_sts() {
    replay("sts", crate::sts);
}

#[test]
fn p4_t18_refusals() {
    replay("refusal", crate::refusal);
}

#[test]
fn t15_answers_in_place_of_the_sign_in_endpoint() {
    replay("signin", crate::signin);
}

#[test]
fn t14_destinations() {
    replay("console", crate::console);
}

#[test]
fn r17_sealed_sessions() {
    replay("sessions", crate::sessions);
}
