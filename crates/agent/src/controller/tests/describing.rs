//! A role as it is configured, and what AWS must allow for it.

use daypass_core::field::ExternalId;
use serde_json::{Value, json};

use super::{reaching::chained, *};

async fn policies(desk: &Desk, of: &str, principal: Option<&str>) -> Result<Value, Problem> {
    let request = Request::DescribeRole {
        name: name(of),
        principal: principal.map(ToOwned::to_owned),
    };
    match desk.ask(request).await.unwrap() {
        Response::Role { policies, .. } => {
            policies.map(|policies| serde_json::to_value(policies).unwrap())
        }
        Response::Failed(problem) => Err(problem),
        _ => panic!("no role"),
    }
}

#[tokio::test]
async fn a_role_is_described_as_it_is_configured() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let mut role = desk.role();
    role.external_id = Some(ExternalId::parse("deploy").unwrap());
    role.policy = Some(r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned());
    let added = desk.ask(Request::AddRole(Box::new(role.clone()))).await;
    assert!(matches!(added, Ok(Response::Done)));
    let request = Request::DescribeRole {
        name: name("prod"),
        principal: None,
    };
    let answer = desk.ask(request).await.unwrap();
    let Response::Role { role: told, .. } = answer else {
        panic!("no role");
    };
    assert_eq!(*told, role);
    let known = policies(&desk, "prod", None).await.unwrap();
    let statement = &known["TrustPolicy"]["Statement"][0];
    assert_eq!(
        statement["Principal"]["AWS"],
        "arn:aws:iam::111122223333:user/ada"
    );
    assert_eq!(
        statement["Condition"],
        json!({
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "StringEquals": {"sts:ExternalId": "deploy"},
        })
    );
}

/// It is opened to be mended, and nobody of this partition can assume it.
#[tokio::test]
async fn a_role_of_another_partition_is_described_too() {
    let china = config(SessionKind::Daily).replace("arn:aws:iam", "arn:aws-cn:iam");
    let desk = Desk::start(&china, Some(item(&[SERIAL]))).await;
    let request = Request::DescribeRole {
        name: name("prod"),
        principal: None,
    };
    let answer = desk.ask(request).await.unwrap();
    let Response::Role { policies, .. } = answer else {
        panic!("no role");
    };
    let why = policies.unwrap_err().what;
    assert!(why.contains("is not in the partition aws-cn"), "{why}");
}

#[tokio::test]
async fn a_chained_role_trusts_its_source_and_asks_for_no_code() {
    let desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    let known = policies(&desk, "far", None).await.unwrap();
    let statement = &known["TrustPolicy"]["Statement"][0];
    assert_eq!(statement["Principal"]["AWS"], desk.role().arn.as_str());
    assert_eq!(statement.get("Condition"), None);
}

#[tokio::test]
async fn who_assumes_a_role_is_asked_for_where_it_is_not_known() {
    let ambient = config(SessionKind::Daily).replacen(
        "name = \"work\"\n",
        "name = \"work\"\nambient = true\n",
        1,
    );
    let desk = Desk::start(&ambient, None).await;
    let ada = "arn:aws:iam::111122223333:user/ada";
    let known = policies(&desk, "prod", Some(ada)).await.unwrap();
    assert_eq!(
        known["TrustPolicy"]["Statement"][0]["Principal"]["AWS"],
        ada
    );
    for (of, principal, why) in [
        ("prod", None, "does not know who assumes prod"),
        ("prod", Some("ada"), "ada is no user or role"),
        ("prdo", None, "Did you mean prod?"),
    ] {
        let problem = policies(&desk, of, principal).await.unwrap_err();
        assert!(problem.to_string().contains(why), "{problem}");
    }
}
