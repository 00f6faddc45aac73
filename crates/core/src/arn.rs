//! Amazon Resource Names, as far as a session needs them.

use serde::{Deserialize, Serialize};

use crate::{partition::Partition, problem::Problem};

/// Whom a session makes its holder: a role, for example `arn:aws:iam::111122223333:role/path/Admin`,
/// or an IAM user's federated self, for example `arn:aws:sts::111122223333:federated-user/ada`,
/// for users without a role (GetFederationToken).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PrincipalArn {
    text: String,
    partition: Partition,
    federated: bool,
    name_start: usize,
}

impl PrincipalArn {
    /// Checks and takes an ARN. Limits are those of the STS service model (AWS_RULES 3.1).
    ///
    /// # Errors
    /// Says what is wrong and shows the right form.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let federated = text.contains(":federated-user/");
        let partition = if federated {
            federated_user(text)
        } else {
            resource(text, "iam", "role")
        }
        .map_err(|why| {
            Problem::usage(format!(
                "{why} A role's ARN looks like arn:aws:iam::111122223333:role/Admin."
            ))
        })?;
        let name_start = text.rfind('/').map_or(0, |slash| slash + 1);
        Ok(Self {
            text: text.to_owned(),
            partition,
            federated,
            name_start,
        })
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition that it lives in; it decides about hosts (AWS_RULES 3.5).
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// The twelve digits of the account.
    pub fn account(&self) -> &str {
        account(&self.text)
    }

    /// The role's or federated user's name, without a role's path.
    pub fn short_name(&self) -> &str {
        self.text.get(self.name_start..).unwrap_or_default()
    }

    /// Whether it is a federated user and no role.
    pub const fn is_federated_user(&self) -> bool {
        self.federated
    }
}

impl TryFrom<String> for PrincipalArn {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for PrincipalArn {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

impl From<PrincipalArn> for String {
    fn from(arn: PrincipalArn) -> Self {
        arn.text
    }
}

/// What identifies an MFA device to STS: a virtual device's ARN or a hardware serial number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MfaSerial(String);

/// How long AWS's secret access keys are.
const SECRET_KEY_LEN: usize = 40;

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

impl MfaSerial {
    /// Checks and takes a serial (AWS_RULES 3.1).
    ///
    /// # Errors
    /// Says what is wrong, including the user's ARN given in place of the device's.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let refused = |why: &str| {
            Problem::usage(format!(
                "{why} It looks like arn:aws:iam::111122223333:mfa/ada, or like GAHT12345678 on a hardware token."
            ))
        };
        if !text.bytes().all(is_serial_byte) {
            return Err(refused(
                "The MFA serial holds a character that AWS does not allow.",
            ));
        }
        if !(9..=256).contains(&text.len()) {
            return Err(refused("An MFA serial has 9 to 256 characters."));
        }
        // What is taken for a serial is shown, and told in the journal.
        if text.len() == SECRET_KEY_LEN && text.bytes().all(is_base64) {
            return Err(refused(
                "That looks like a secret access key, not like an MFA serial.",
            ));
        }
        if !text.starts_with("arn:") {
            return Ok(Self(text.to_owned()));
        }
        if text.contains(":user/") {
            let device = text.replacen(":user/", ":mfa/", 1);
            return Err(Problem::usage(format!(
                "That is the ARN of a user, not of an MFA device. Did you mean {device}?"
            )));
        }
        if text.contains(":u2f/") {
            return Err(Problem::usage(
                "Security keys and passkeys cannot be used with STS. Use a virtual or hardware token's serial.",
            ));
        }
        resource(text, "iam", "mfa").map_err(|why| refused(&why))?;
        Ok(Self(text.to_owned()))
    }

    /// The serial as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a person calls the device: the end of the ARN, or the number on the token.
    pub fn short(&self) -> &str {
        let mut parts = self.0.rsplit('/');
        parts.find(|part| !part.is_empty()).unwrap_or(&self.0)
    }
}

impl TryFrom<String> for MfaSerial {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<MfaSerial> for String {
    fn from(serial: MfaSerial) -> Self {
        serial.0
    }
}

const fn is_serial_byte(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'+' | b'=' | b'/' | b':' | b',' | b'.' | b'@' | b'-')
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// GetFederationToken's `Name` has 2 to 32 characters and no path.
fn federated_user(text: &str) -> Result<Partition, String> {
    let partition = resource(text, "sts", "federated-user")?;
    let name = text.rsplit(':').next().unwrap_or_default();
    let name = name.trim_start_matches("federated-user/");
    if (2..=32).contains(&name.len()) && !name.contains(['/', ':']) {
        return Ok(partition);
    }
    Err("A federated user's name has 2 to 32 letters, digits or any of _+=,.@-.".to_owned())
}

/// Checks `arn:<partition>:<service>::<account>:<kind>/<path and name>` and yields the partition.
fn resource(text: &str, service: &str, kind: &str) -> Result<Partition, String> {
    if !(20..=2048).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("The ARN is too short, too long, or holds a blank.".to_owned());
    }
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    if next() != "arn" {
        return Err("An ARN begins with arn:.".to_owned());
    }
    let partition = next();
    let partition = Partition::from_id(partition)
        .ok_or_else(|| format!("Daypass does not know the partition {partition:?}."))?;
    if next() != service || !next().is_empty() {
        return Err(format!(
            "The ARN is not one of {}.",
            service.to_ascii_uppercase()
        ));
    }
    let account = next();
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err("The account in the ARN is not twelve digits.".to_owned());
    }
    let Some((found, name)) = next().split_once('/') else {
        return Err(format!("The ARN does not name a {kind}."));
    };
    if found != kind {
        return Err(format!("The ARN names a {found}, not a {kind}."));
    }
    if name.is_empty() || name.ends_with('/') || !name.bytes().all(is_serial_byte) {
        return Err(format!(
            "The {kind}'s name in the ARN is not one that AWS allows."
        ));
    }
    Ok(partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_arn_knows_its_parts() {
        let arn = PrincipalArn::parse("arn:aws-us-gov:iam::111122223333:role/ops/Admin").unwrap();
        assert_eq!(arn.account(), "111122223333");
        assert_eq!(arn.short_name(), "Admin");
        assert_eq!(arn.partition(), Partition::UsGov);
    }

    #[test]
    fn a_federated_user_is_a_principal_too() {
        let arn = PrincipalArn::parse("arn:aws:sts::111122223333:federated-user/ada").unwrap();
        assert!(arn.is_federated_user());
        assert_eq!(arn.short_name(), "ada");
        let long = format!(
            "arn:aws:sts::111122223333:federated-user/{}",
            "a".repeat(33)
        );
        for bad in [
            "arn:aws:iam::111122223333:federated-user/ada",
            "arn:aws:sts::111122223333:federated-user/a/b",
            "arn:aws:sts::111122223333:federated-user/a",
            &long,
        ] {
            assert!(PrincipalArn::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn malformed_arns_are_refused_with_the_right_form() {
        for bad in [
            "",
            "Admin",
            "arn:aws:iam::1111:role/Admin",
            "arn:aws:iam::111122223333:user/ada",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:sts::111122223333:assumed-role/Admin/ada",
            "arn:moon:iam::111122223333:role/Admin",
            "arn:aws:iam::111122223333:role/Ad min",
            "arn:aws:iam::111122223333:role/Admin\n",
            "arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:role/Admin",
        ] {
            let problem = PrincipalArn::parse(bad).unwrap_err();
            assert!(problem.what.contains("arn:aws:iam::"), "{bad:?}: {problem}");
        }
    }

    #[test]
    fn a_users_arn_in_place_of_the_device_is_recognised() {
        let secret = MfaSerial::parse("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap_err();
        assert!(secret.what.contains("secret access key"), "{secret}");
        assert!(!secret.what.contains("wJalr"), "{secret}");
        let problem = MfaSerial::parse("arn:aws:iam::111122223333:user/ada").unwrap_err();
        assert!(
            problem
                .what
                .contains("Did you mean arn:aws:iam::111122223333:mfa/ada?")
        );
    }

    #[test]
    fn serials_of_both_kinds_are_taken() {
        assert_eq!(
            MfaSerial::parse("GAHT12345678").unwrap().short(),
            "GAHT12345678"
        );
        let arn = MfaSerial::parse("arn:aws:iam::111122223333:mfa/team/ada").unwrap();
        assert_eq!(arn.short(), "ada");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in ".{0,300}") {
            let _ = PrincipalArn::parse(&text);
            let _ = MfaSerial::parse(&text);
        }
    }
}
