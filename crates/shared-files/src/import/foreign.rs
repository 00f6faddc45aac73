//! Keys that other programs keep in the keychain, and the forms of their items.
//!
//! aws-vault and Granted store with the Go library `keyring`: on the Secret Service a collection
//! each, an item per profile with the attribute and label `profile`, and in it the library's own
//! item as JSON (keyring: `secretservice.go`). Leapp stores with `keytar`: two items for a user,
//! with the attributes `service` and `account` (leapp: `aws-iam-user-service.ts`).

use base64::{Engine, engine::general_purpose::STANDARD};
use daypass_core::secret::Secret;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

/// aws-vault's collection on the Secret Service.
pub const AWS_VAULT_COLLECTION: &str = "awsvault";
/// Granted's.
pub const GRANTED_COLLECTION: &str = "granted-aws-iam-credentials";
/// The service attribute of Leapp's items.
pub const LEAPP_SERVICE: &str = "Leapp";

const LEAPP_ID: &str = "-iam-user-aws-session-access-key-id";
const LEAPP_SECRET: &str = "-iam-user-aws-session-secret-access-key";

/// Who keeps a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// aws-vault, of 99designs or of ByteNess.
    AwsVault,
    /// Granted.
    Granted,
    /// Leapp.
    Leapp,
}

impl Program {
    const fn name(self) -> &'static str {
        match self {
            Self::AwsVault => "aws-vault",
            Self::Granted => "Granted",
            Self::Leapp => "Leapp",
        }
    }
}

/// A key from another program's keychain item.
pub struct ForeignKey {
    /// Who keeps it.
    pub program: Program,
    /// Where it was found, in a person's words.
    pub origin: String,
    /// The profile that it is of; for Leapp the id of the session.
    pub profile: String,
    /// Its id.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
}

/// The library's item (keyring: `keyring.go`, `Item`).
#[derive(Deserialize)]
struct Item {
    #[serde(rename = "Data")]
    data: String,
}

/// `aws.Credentials` of the Go SDK; what older versions stored has the same fields.
#[derive(Deserialize)]
struct Credentials {
    #[serde(rename = "AccessKeyID")]
    access_key_id: String,
    #[serde(rename = "SecretAccessKey")]
    secret_access_key: String,
    #[serde(rename = "SessionToken", default)]
    session_token: String,
}

impl ForeignKey {
    /// Reads an item of aws-vault or Granted: its label and its content. Nothing where it is not a
    /// long-lived key: aws-vault keeps sessions and tokens in the same place.
    pub fn from_keyring(program: Program, label: &str, content: &Secret) -> Option<Self> {
        if is_session(label) {
            return None;
        }
        let mut credentials = credentials(content.expose())?;
        let secret_access_key = Secret::new(std::mem::take(&mut credentials.secret_access_key));
        let temporary = !credentials.session_token.is_empty();
        credentials.session_token.zeroize();
        if temporary || credentials.access_key_id.is_empty() {
            return None;
        }
        Some(Self {
            program,
            origin: origin(program, label),
            profile: label.to_owned(),
            access_key_id: credentials.access_key_id,
            secret_access_key,
        })
    }

    /// Reads Leapp's items: the account and the content of each.
    pub fn from_leapp(items: &[(String, Secret)]) -> Vec<Self> {
        let secrets: std::collections::HashMap<&str, &Secret> = items
            .iter()
            .filter_map(|(account, secret)| Some((account.strip_suffix(LEAPP_SECRET)?, secret)))
            .collect();
        let keys = items.iter().filter_map(|(account, id)| {
            let session = account.strip_suffix(LEAPP_ID)?;
            Some(Self {
                program: Program::Leapp,
                origin: origin(Program::Leapp, session),
                profile: session.to_owned(),
                access_key_id: id.expose().to_owned(),
                secret_access_key: (*secrets.get(session)?).clone(),
            })
        });
        keys.collect()
    }
}

fn origin(program: Program, label: &str) -> String {
    format!("{label} in {}'s keychain", program.name())
}

/// aws-vault: `sessionkeyring.go` and `oidctokenkeyring.go`.
fn is_session(label: &str) -> bool {
    let new = label.split(',').count() == 4;
    new || label.starts_with("session:") || label.starts_with("oidc:") || is_first_session(label)
}

/// The oldest form: `NAME session (1234567)`.
fn is_first_session(label: &str) -> bool {
    let Some((name, number)) = label.rsplit_once(" session (") else {
        return false;
    };
    let digits = number.strip_suffix(')').unwrap_or_default();
    !name.is_empty() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The macOS keychain holds the credentials bare, all other stores the library's item.
fn credentials(content: &str) -> Option<Credentials> {
    let Ok(mut item) = serde_json::from_str::<Item>(content) else {
        return serde_json::from_str(content).ok();
    };
    let data = STANDARD.decode(item.data.as_bytes()).map(Zeroizing::new);
    item.data.zeroize();
    serde_json::from_slice(&data.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(credentials: &str) -> Secret {
        let data = STANDARD.encode(credentials);
        Secret::new(format!(
            "{{\"Key\":\"ada\",\"Data\":\"{data}\",\"Label\":\"aws-vault (ada)\",\"Description\":\"\",\"KeychainNotTrustApplication\":true,\"KeychainNotSynchronizable\":false}}"
        ))
    }

    const LONG: &str = r#"{"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s3cr3t","SessionToken":"","Source":"","CanExpire":false,"Expires":"0001-01-01T00:00:00Z","AccountID":""}"#;

    #[test]
    fn items_of_the_go_library_are_read() {
        // What aws-vault 4 stored, and what the macOS keychain holds.
        let old = r#"{"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s3cr3t","SessionToken":"","ProviderName":""}"#;
        for content in [item(LONG), item(old), Secret::new(LONG.to_owned())] {
            let key = ForeignKey::from_keyring(Program::AwsVault, "ada", &content).unwrap();
            assert_eq!(key.access_key_id, "AKIAIOSFODNN7EXAMPLE");
            assert_eq!(key.secret_access_key.expose(), "s3cr3t");
            assert_eq!(key.origin, "ada in aws-vault's keychain");
        }
    }

    #[test]
    fn sessions_and_tokens_beside_them_are_not_keys() {
        let temporary = LONG.replace("\"SessionToken\":\"\"", "\"SessionToken\":\"t\"");
        let read = |label: &str, content: &str| {
            ForeignKey::from_keyring(Program::AwsVault, label, &item(content)).is_some()
        };
        assert!(read("ada", LONG));
        assert!(!read("ada", &temporary));
        assert!(!read("ada", "{}") && !read("ada", "") && !read("ada", "[1]"));
        for label in [
            "sts.GetSessionToken,YWRh,YXJu,1700000000",
            "session,ada,arn,1700000000",
            "session:ada:arn:1700000000",
            "ada session (1234567)",
            "oidc:https://example.awsapps.com/start",
        ] {
            assert!(!read(label, LONG), "{label}");
        }
    }

    #[test]
    fn leapps_two_items_make_a_key() {
        let item =
            |account: &str, content: &str| (account.to_owned(), Secret::new(content.to_owned()));
        let keys = ForeignKey::from_leapp(&[
            item("1-iam-user-aws-session-secret-access-key", "s3cr3t"),
            item(
                "1-iam-user-aws-session-access-key-id",
                "AKIAIOSFODNN7EXAMPLE",
            ),
            item("1-iam-user-aws-session-token", "{}"),
            item("2-iam-user-aws-session-access-key-id", "AKIAALONE"),
        ]);
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].profile, "1");
        assert_eq!(keys[0].secret_access_key.expose(), "s3cr3t");
    }

    proptest::proptest! {
        #[test]
        fn no_item_makes_the_reader_panic(label in "\\PC{0,30}", content in "\\PC{0,60}") {
            let _ = ForeignKey::from_keyring(Program::Granted, &label, &Secret::new(content));
        }
    }
}
