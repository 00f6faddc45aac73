//! The sealed session file: what a restart, a crash or an upgrade would otherwise cost a code for.
//!
//! A header that is not secret, then JSON sealed with the vault's data key and bound to the header.

mod disk;

pub use disk::SessionFile;

use daypass_core::{
    Instant,
    arn::MfaSerial,
    config::Identity,
    role::Role,
    schedule::Told,
    secret::{Secret, SessionCredentials, wire},
    session::{Origin, Session, SessionKey},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::seal::{NoRandom, SealingKey};

/// The version of the format that this program writes, and the only one that it reads.
const VERSION: u16 = 1;
const MAGIC: &[u8; 16] = b"daypass sessions";
/// The magic, the version, and the version's complement: a flipped bit is no newer version.
const HEADER_LEN: usize = MAGIC.len() + 4;

/// What is kept across restarts.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Of each identity.
    pub identities: Vec<KeptIdentity>,
    /// Role sessions.
    pub roles: Vec<KeptRole>,
}

/// Where a kept session started. It is given back to the same identity with the same key alone.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptStart {
    /// The identity as it was configured.
    pub identity: Identity,
    /// The id of its key; nothing for an ambient one.
    pub access_key_id: Option<String>,
}

/// What is kept of an identity.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeptIdentity {
    /// Which identity.
    pub start: KeptStart,
    /// Its MFA session.
    pub mfa: Option<KeptSession>,
    /// What a person was told of that session's end.
    pub told: Told,
    /// Until when nothing is said of it.
    pub quiet_until: Option<Instant>,
    /// When a person wants to be told again.
    pub remind_at: Option<Instant>,
    /// The device that was used last.
    pub device: Option<MfaSerial>,
    /// Devices that still show a code that AWS took, and until when.
    pub spent: Vec<(MfaSerial, Instant)>,
}

/// What is kept of a role.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeptRole {
    /// Which session.
    pub key: SessionKey,
    /// The role as the session was made of it.
    pub role: Role,
    /// Where it started, through however many roles in between.
    pub start: KeptStart,
    /// The session.
    pub session: KeptSession,
    /// What a person was told of its end.
    pub told: Told,
    /// When it was last asked for.
    pub last_asked: Option<Instant>,
}

/// A session as it is written.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeptSession {
    access_key_id: String,
    #[serde(with = "wire")]
    secret_access_key: Secret,
    #[serde(with = "wire")]
    session_token: Secret,
    expires_at: Instant,
    started_at: Instant,
    origin: Origin,
}

impl KeptIdentity {
    /// Whether nothing of it matters any longer.
    pub fn has_ended(&self, now: Instant) -> bool {
        self.mfa.as_ref().is_none_or(|mfa| mfa.has_ended(now))
            && self.quiet_until.is_none_or(|until| until <= now)
            && self.spent.iter().all(|(_, next_at)| *next_at <= now)
    }
}

impl KeptSession {
    /// Whether AWS no longer takes it.
    pub fn has_ended(&self, now: Instant) -> bool {
        self.expires_at <= now
    }
}

impl From<&Session> for KeptSession {
    fn from(session: &Session) -> Self {
        Self {
            access_key_id: session.credentials.access_key_id.clone(),
            secret_access_key: session.credentials.secret_access_key.clone(),
            session_token: session.credentials.session_token.clone(),
            expires_at: session.credentials.expires_at,
            started_at: session.started_at,
            origin: session.origin,
        }
    }
}

impl From<KeptSession> for Session {
    fn from(kept: KeptSession) -> Self {
        Self {
            credentials: SessionCredentials {
                access_key_id: kept.access_key_id,
                secret_access_key: kept.secret_access_key,
                session_token: kept.session_token,
                expires_at: kept.expires_at,
            },
            started_at: kept.started_at,
            origin: kept.origin,
        }
    }
}

/// Why a file gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// It is damaged, or was sealed with another key.
    Damaged,
    /// A newer Daypass wrote it.
    Newer,
}

/// Seals what is kept into the bytes of a file.
///
/// # Errors
/// When the system gives no random numbers.
pub fn seal(kept: &Kept, key: &SealingKey) -> Result<Vec<u8>, NoRandom> {
    let header = header(VERSION);
    let sealed = key.seal(&encode(kept), &header)?;
    Ok([header.as_slice(), &sealed].concat())
}

/// Opens the bytes of a file. Any bytes will do.
///
/// # Errors
/// See [`Unopened`].
pub fn open(bytes: &[u8], key: &SealingKey) -> Result<Kept, Unopened> {
    let sealed = sealed_part(bytes)?;
    let text = key
        .open(sealed, &header(VERSION))
        .ok_or(Unopened::Damaged)?;
    decode(&text).ok_or(Unopened::Damaged)
}

/// Reads what was sealed, once it is open.
pub fn decode(text: &[u8]) -> Option<Kept> {
    serde_json::from_slice(text).ok()
}

/// What a file's header can tell without the key.
///
/// # Errors
/// See [`Unopened`].
pub fn sealed_part(bytes: &[u8]) -> Result<&[u8], Unopened> {
    let (front, sealed) = bytes
        .split_at_checked(HEADER_LEN)
        .ok_or(Unopened::Damaged)?;
    if front == header(VERSION) {
        return Ok(sealed);
    }
    match front.strip_prefix(MAGIC) {
        Some(&[a, b, c, d]) => {
            let version = u16::from_be_bytes([a, b]);
            let whole = version == !u16::from_be_bytes([c, d]);
            if whole && version > VERSION {
                return Err(Unopened::Newer);
            }
            Err(Unopened::Damaged)
        }
        _ => Err(Unopened::Damaged),
    }
}

fn header(version: u16) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    let [a, b] = version.to_be_bytes();
    let [c, d] = (!version).to_be_bytes();
    let bytes = MAGIC.iter().copied().chain([a, b, c, d]);
    for (place, byte) in header.iter_mut().zip(bytes) {
        *place = byte;
    }
    header
}

/// JSON in a buffer of exactly its length, so that it does not grow and leave a copy behind.
fn encode(kept: &Kept) -> Zeroizing<Vec<u8>> {
    let mut length = Length(0);
    // Neither a counter nor memory refuses bytes, and every key is text.
    let _ = serde_json::to_writer(&mut length, kept);
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    let _ = serde_json::to_writer(&mut *text, kept);
    text
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use daypass_core::name::Name;

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const TOKEN: &str = "FwoGZXIvYXdzEXAMPLETOKEN";

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    fn kept() -> Kept {
        let session = KeptSession {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new(SECRET.to_owned()),
            session_token: Secret::new(TOKEN.to_owned()),
            expires_at: at(3_600),
            started_at: at(0),
            origin: Origin::Temporary,
        };
        let work = Name::parse("work").unwrap();
        let start = KeptStart {
            identity: Identity {
                name: work.clone(),
                ambient: false,
                profile: None,
            },
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
        };
        let prod = Name::parse("prod").unwrap();
        let arn = "arn:aws:iam::111122223333:role/Admin".parse().unwrap();
        let device = MfaSerial::parse("arn:aws:iam::111122223333:mfa/ada").unwrap();
        Kept {
            identities: vec![KeptIdentity {
                start: start.clone(),
                mfa: Some(session.clone()),
                told: Told::Ending,
                quiet_until: Some(at(90)),
                remind_at: None,
                device: Some(device.clone()),
                spent: vec![(device, at(30))],
            }],
            roles: vec![KeptRole {
                key: SessionKey::of(prod.clone()),
                role: Role::new(prod, work, arn),
                start,
                session,
                told: Told::Nothing,
                last_asked: Some(at(60)),
            }],
        }
    }

    /// A file as a newer Daypass may write it.
    pub(crate) fn of_a_newer_version() -> Vec<u8> {
        [header(VERSION + 1).as_slice(), b"whatever it means"].concat()
    }

    #[test]
    fn r17_what_is_kept_comes_back_and_is_not_in_the_file() {
        let key = SealingKey::generate().unwrap();
        let bytes = seal(&kept(), &key).unwrap();
        let read = open(&bytes, &key).unwrap();
        assert_eq!(*encode(&read), *encode(&kept()));
        let text = encode(&kept());
        assert_eq!(text.capacity(), text.len(), "the buffer grew");
        for secret in [SECRET, TOKEN, "prod", "work", "AKIA", "ASIA"] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{secret} is in the file");
        }
    }

    #[test]
    fn r17_nothing_but_the_whole_file_opens() {
        let key = SealingKey::generate().unwrap();
        let bytes = seal(&kept(), &key).unwrap();
        for length in 0..bytes.len() {
            let part = bytes.get(..length).unwrap();
            assert_eq!(open(part, &key).err(), Some(Unopened::Damaged), "{length}");
        }
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[place] ^= 1 << bit;
                let read = open(&flipped, &key).err();
                assert_eq!(read, Some(Unopened::Damaged), "bit {bit} of byte {place}");
            }
        }
        let longer = [bytes.as_slice(), b"\0"].concat();
        assert_eq!(open(&longer, &key).err(), Some(Unopened::Damaged));
        let other = SealingKey::generate().unwrap();
        assert_eq!(open(&bytes, &other).err(), Some(Unopened::Damaged));
    }

    #[test]
    fn r17_a_newer_version_is_told_apart() {
        let key = SealingKey::generate().unwrap();
        let newer = of_a_newer_version();
        assert_eq!(open(&newer, &key).err(), Some(Unopened::Newer));
        let older = header(0);
        assert_eq!(open(&older, &key).err(), Some(Unopened::Damaged));
    }
}
