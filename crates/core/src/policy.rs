//! The two policies that a role session needs at AWS: what the role trusts, and what its user may.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{partition::Partition, problem::Problem, role::Role};

/// Fixed where it is made, and its own where it came over the wire.
type Text = Cow<'static, str>;

/// Both policies of a role, as AWS takes them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Documents {
    /// The role's own; a federated user has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_policy: Option<Policy>,
    /// That of the user, or of the role that it is chained from.
    pub permission_policy: Policy,
}

/// An IAM policy document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: Text,
    statement: Vec<Statement>,
}

impl Policy {
    const fn of(statement: Vec<Statement>) -> Self {
        Self {
            version: Text::Borrowed("2012-10-17"),
            statement,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    action: Vec<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<Text, BTreeMap<Text, Value>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Principal {
    #[serde(rename = "AWS")]
    aws: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    One(String),
    Any(Vec<String>),
}

/// The policies of a role that `principal` assumes, with a code if it has an MFA device.
///
/// # Errors
/// When `principal` is no user or role, or one of another partition.
pub fn documents(role: &Role, principal: &str, mfa: bool) -> Result<Documents, Problem> {
    check_principal(role, principal)?;
    let resource = role.arn.as_str();
    if role.arn.is_federated_user() {
        let mut action = vec![Text::from("sts:GetFederationToken")];
        action.extend(tagging(role));
        return Ok(Documents {
            trust_policy: None,
            permission_policy: Policy::of(vec![permission(action, resource)]),
        });
    }
    let mut action = vec![Text::from("sts:AssumeRole")];
    action.extend(tagging(role));
    action.extend(naming_the_source(role));
    Ok(Documents {
        trust_policy: Some(Policy::of(trust(role, principal, mfa))),
        permission_policy: Policy::of(vec![permission(action, resource)]),
    })
}

/// Who is trusted lives in the role's partition: AWS's partitions share no principals.
fn check_principal(role: &Role, principal: &str) -> Result<(), Problem> {
    let mut parts = principal.splitn(6, ':');
    let (arn, partition) = (parts.next(), parts.next().and_then(Partition::from_id));
    let (service, resource) = (parts.next(), parts.nth(2));
    let is_principal = arn == Some("arn")
        && matches!(service, Some("iam" | "sts"))
        && resource.is_some_and(|resource| !resource.is_empty());
    if !is_principal || !principal.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::usage(format!(
            "{principal} is no user or role. It looks like arn:aws:iam::111122223333:user/ada."
        )));
    }
    if partition == Some(role.arn.partition()) {
        return Ok(());
    }
    Err(Problem::usage(format!(
        "{principal} is not in the partition {}, where the role {} is.",
        role.arn.partition().id(),
        role.name
    )))
}

fn permission(action: Vec<Text>, resource: &str) -> Statement {
    Statement {
        effect: "Allow".into(),
        principal: None,
        action,
        resource: Some(resource.to_owned()),
        condition: BTreeMap::new(),
    }
}

/// A statement for each action, as in AWS's own examples: their conditions differ.
fn trust(role: &Role, principal: &str, mfa: bool) -> Vec<Statement> {
    let principal = Principal {
        aws: principal.to_owned(),
    };
    let statement = |action, condition| Statement {
        effect: "Allow".into(),
        principal: Some(principal.clone()),
        action: vec![action],
        resource: None,
        condition,
    };
    let mut assume = BTreeMap::new();
    if mfa {
        assume.insert("Bool".into(), one("aws:MultiFactorAuthPresent", "true"));
    }
    if let Some(external_id) = &role.external_id {
        assume.insert(
            "StringEquals".into(),
            one("sts:ExternalId", external_id.as_str()),
        );
    }
    let mut statements = vec![statement("sts:AssumeRole".into(), assume)];
    if let Some(action) = tagging(role) {
        let keys = role.tags.keys().cloned().collect();
        let only = BTreeMap::from([("aws:TagKeys".into(), Value::Any(keys))]);
        let condition = BTreeMap::from([("ForAllValues:StringEquals".into(), only)]);
        statements.push(statement(action, condition));
    }
    if let (Some(action), Some(source)) = (naming_the_source(role), &role.source_identity) {
        let only = one("sts:SourceIdentity", source.as_str());
        statements.push(statement(
            action,
            BTreeMap::from([("StringEquals".into(), only)]),
        ));
    }
    statements
}

fn tagging(role: &Role) -> Option<Text> {
    (!role.tags.is_empty()).then(|| "sts:TagSession".into())
}

fn naming_the_source(role: &Role) -> Option<Text> {
    role.source_identity
        .is_some()
        .then(|| "sts:SetSourceIdentity".into())
}

fn one(key: &'static str, value: &str) -> BTreeMap<Text, Value> {
    BTreeMap::from([(key.into(), Value::One(value.to_owned()))])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        arn::PrincipalArn,
        field::{ExternalId, SourceIdentity},
        name::Name,
    };

    fn role(arn: &str) -> Role {
        Role::new(
            Name::parse("prod").unwrap(),
            Name::parse("work").unwrap(),
            PrincipalArn::parse(arn).unwrap(),
        )
    }

    fn written(role: &Role, principal: &str, mfa: bool) -> Json {
        serde_json::to_value(documents(role, principal, mfa).unwrap()).unwrap()
    }

    #[test]
    fn every_partition_gets_its_own_arns() {
        for partition in Partition::ALL {
            let arn = format!("arn:{}:iam::111122223333:role/Admin", partition.id());
            let user = format!("arn:{}:iam::444455556666:user/ada", partition.id());
            let documents = written(&role(&arn), &user, true);
            let trust = json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": {"AWS": user},
                    "Action": ["sts:AssumeRole"],
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                }],
            });
            let permission = json!({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": arn}],
            });
            assert_eq!(documents["TrustPolicy"], trust);
            assert_eq!(documents["PermissionPolicy"], permission);
        }
    }

    #[test]
    fn conditions_are_those_of_the_role() {
        let mut role = role("arn:aws:iam::111122223333:role/Admin");
        role.external_id = Some(ExternalId::parse("deploy").unwrap());
        role.source_identity = Some(SourceIdentity::parse("ada").unwrap());
        role.tags.insert("team".to_owned(), "core".to_owned());
        let documents = written(&role, "arn:aws:iam::111122223333:user/ada", false);
        let statements = &documents["TrustPolicy"]["Statement"];
        let condition = |index: usize| &statements[index]["Condition"];
        assert_eq!(
            *condition(0),
            json!({"StringEquals": {"sts:ExternalId": "deploy"}})
        );
        assert_eq!(statements[1]["Action"], json!(["sts:TagSession"]));
        assert_eq!(
            *condition(1),
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}})
        );
        assert_eq!(statements[2]["Action"], json!(["sts:SetSourceIdentity"]));
        assert_eq!(
            *condition(2),
            json!({"StringEquals": {"sts:SourceIdentity": "ada"}})
        );
        assert_eq!(
            documents["PermissionPolicy"]["Statement"][0]["Action"],
            json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
        );
    }

    #[test]
    fn a_federated_user_is_trusted_by_nobody_and_needs_a_permission() {
        let me = role("arn:aws:sts::111122223333:federated-user/ada");
        let documents = written(&me, "arn:aws:iam::111122223333:user/ada", true);
        assert!(documents.get("TrustPolicy").is_none());
        assert_eq!(
            documents["PermissionPolicy"]["Statement"][0]["Action"],
            json!(["sts:GetFederationToken"])
        );
    }

    #[test]
    fn a_principal_of_another_partition_is_refused() {
        let role = role("arn:aws-cn:iam::111122223333:role/Admin");
        let why = |principal| documents(&role, principal, false).unwrap_err().what;
        assert!(why("arn:aws:iam::111122223333:user/ada").contains("partition aws-cn"));
        for bad in ["ada", "arn:aws-cn:s3:::bucket", "arn:aws-cn:iam::1:", "*"] {
            assert!(why(bad).contains("no user or role"), "{bad}");
        }
    }
}
