//! Sessions in Secrets Manager.

use daypass_core::protocol::Publish;

use super::*;

fn publish() -> Publish {
    Publish {
        role: name("prod"),
        secret_id: "app/session".to_owned(),
        region: Some("eu-west-1".parse().unwrap()),
        writer: None,
        create: false,
        keep: false,
    }
}

fn request(publish: Publish) -> Request {
    Request::Publish {
        publish,
        asking: Asking::Popup,
    }
}

#[tokio::test]
async fn a_session_becomes_a_version_of_a_secret() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    let response = desk.ask(request(publish())).await.unwrap();
    assert!(
        matches!(response, Response::Published { version_id, .. } if version_id == "version-1")
    );
    let (call, value) = desk.world().secrets[0].clone();
    assert_eq!(call, "app/session in eu-west-1 by ASIA2");
    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
    assert_eq!(value["AccessKeyId"], "ASIA2");
    assert_eq!(value["SessionToken"], "token");
    assert!(value["Expiration"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn another_role_can_write_the_secret() {
    let text = format!(
        "{}\n[[role]]\nname = \"writer\"\nidentity = \"work\"\narn = \"arn:aws:iam::111122223333:role/Writer\"\nregion = \"eu-central-1\"\n",
        config(SessionKind::Daily)
    );
    let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    desk.code("123456").await;
    let by_writer = Publish {
        writer: Some(name("writer")),
        ..publish()
    };
    desk.ask(request(by_writer)).await.unwrap();
    let (call, value) = desk.world().secrets[0].clone();
    assert!(
        value.contains("ASIA2"),
        "the role's own session is published"
    );
    assert!(call.ends_with("by ASIA3"), "{call}");
}

/// `keep`: the secret follows every renewal, though no program asks for the role.
#[tokio::test]
async fn a_kept_secret_follows_the_renewals() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    let kept = Publish {
        keep: true,
        ..publish()
    };
    desk.ask(request(kept)).await.unwrap();
    for round in 2..5 {
        desk.pass(TimeDelta::minutes(41));
        desk.ask(Request::Status).await.unwrap();
        desk.until(|view| view.roles[0].published[0].at == Some(view.now))
            .await;
        assert_eq!(desk.world().secrets.len(), round);
    }
    let stop = Request::StopPublishing {
        role: name("prod"),
        secret_id: "app/session".to_owned(),
    };
    assert!(matches!(desk.ask(stop).await.unwrap(), Response::Done));
    desk.pass(TimeDelta::minutes(41));
    desk.ask(Request::Status).await.unwrap();
    desk.ask(credentials()).await.unwrap();
    assert_eq!(desk.world().secrets.len(), 4);
}

#[tokio::test]
async fn what_aws_would_refuse_is_refused_before() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let refused = |change: fn(&mut Publish)| {
        let mut publish = publish();
        change(&mut publish);
        desk.ask(request(publish))
    };
    let problem = |response| match response {
        Response::Failed(problem) => problem,
        _ => panic!("it was taken"),
    };
    let no_region = problem(refused(|publish| publish.region = None).await.unwrap());
    assert!(no_region.what.contains("Name the region"), "{no_region}");
    let blank = problem(
        refused(|publish| publish.secret_id = "a b".to_owned())
            .await
            .unwrap(),
    );
    assert_eq!(blank.code, Code::Usage);
    let unknown = problem(refused(|publish| publish.role = name("prd")).await.unwrap());
    assert!(unknown.what.contains("Did you mean prod?"), "{unknown}");
    assert!(desk.world().sts.is_empty());
}

/// A namesake's session must not go where the old role's went.
#[tokio::test]
async fn what_is_published_goes_with_its_role() {
    for change in ["removed", "another"] {
        let mut desk = Desk::with_role(SessionKind::Daily).await;
        desk.code("123456").await;
        let kept = Publish {
            keep: true,
            ..publish()
        };
        desk.ask(request(kept)).await.unwrap();
        let mut role = desk.role();
        if change == "removed" {
            let remove = Request::RemoveRole { name: name("prod") };
            desk.ask(remove).await.unwrap();
        }
        role.arn = "arn:aws:iam::444455556666:role/Other".parse().unwrap();
        desk.ask(Request::AddRole(Box::new(role))).await.unwrap();
        served(desk.ask(credentials()).await.unwrap());
        desk.ask(Request::Status).await.unwrap();
        assert_eq!(desk.world().secrets.len(), 1, "{change}");
        assert!(desk.view().roles[0].published.is_empty());
    }
}

/// The background never asks for a code, not even through the role that writes.
#[tokio::test]
async fn a_renewed_secret_whose_writer_needs_a_code_is_a_notice_and_no_prompt() {
    let text = format!(
        "{}\n[[role]]\nname = \"writer\"\nidentity = \"work\"\nsession = \"long\"\narn = \"arn:aws:iam::111122223333:role/Writer\"\n\n[[publish]]\nrole = \"prod\"\nsecret_id = \"app/session\"\nregion = \"eu-west-1\"\nwriter = \"writer\"\nkeep = true\n",
        config(SessionKind::Daily)
    );
    let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    desk.code("123456").await;
    served(desk.ask(credentials()).await.unwrap());
    desk.ask(Request::Status).await.unwrap();
    let view = desk.view();
    assert_eq!(view.prompt, None);
    assert_eq!(desk.world().popups, 0);
    assert!(view.notices[0].problem.what.contains("writer"), "{view:?}");
}
