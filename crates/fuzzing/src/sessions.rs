use daypass_agent::{
    seal::SealingKey,
    session_file::{Kept, Unopened, decode, open, seal, sealed_part},
};
use zeroize::Zeroizing;

use crate::Verdict;

/// R17: the sealed session file, and what is in it once it is open. Any file costs at most a code;
/// what is kept comes back the same, and neither a changed nor a shortened file gives anything.
pub fn sessions(data: &[u8]) -> Verdict {
    let key = SealingKey::new(Zeroizing::new([7; 32]));
    let opened = open(data, &key);
    if sealed_part(data) == Err(Unopened::Newer) {
        assert_eq!(opened.as_ref().err(), Some(&Unopened::Newer));
    }
    let Some(kept) = opened.ok().or_else(|| decode(data)) else {
        return Verdict::Refused;
    };
    let file = seal(&kept, &key).expect("random numbers");
    let again = open(&file, &key).map(|again| text(&again));
    assert!(again == Ok(text(&kept)), "a session changed on its way");
    check_damage(&file, data, &key);
    Verdict::Taken
}

/// Any byte changed, and any length cut off.
fn check_damage(file: &[u8], data: &[u8], key: &SealingKey) {
    let at = data.iter().fold(data.len(), |sum, byte| {
        sum.wrapping_mul(31) + usize::from(*byte)
    }) % file.len();
    let mut damaged = file.to_vec();
    for byte in damaged.iter_mut().skip(at).take(1) {
        *byte ^= 1 << (data.len() % 8);
    }
    assert_eq!(open(&damaged, key).err(), Some(Unopened::Damaged));
    let cut = file.get(..at).unwrap_or_default();
    assert_eq!(open(cut, key).err(), Some(Unopened::Damaged));
    let other = SealingKey::new(Zeroizing::new([8; 32]));
    assert_eq!(open(file, &other).err(), Some(Unopened::Damaged));
}

fn text(kept: &Kept) -> String {
    serde_json::to_string(kept).expect("JSON")
}
