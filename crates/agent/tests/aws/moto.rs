//! moto recomputes signatures with botocore: a second opinion on ours, from code that neither we nor AWS's Rust SDK
//! wrote.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use daypass_agent::ports::{AwsCause, Source, Sts};
use daypass_core::{secret::AccessKey, session::Origin};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    stub::read_request,
    support::{Answer, granted, http, key, refused, role, sts_at, whoami},
};

/// moto's only account.
const ROLE: &str = "arn:aws:iam::123456789012:role/Admin";

/// Anyone may assume the role, but the user needs a policy of their own for it.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#;

/// moto with a user and a role, and with signatures checked; ends with the test.
struct Moto {
    server: Child,
    url: String,
    key: AccessKey,
}

impl Moto {
    fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/test-python")
            .join(if cfg!(windows) {
                "Scripts/moto_server.exe"
            } else {
                "bin/moto_server"
            });
        assert!(
            program.exists(),
            "no {}: run `cargo xtask test`, which installs it",
            program.display()
        );
        let mut server = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("Running on ")?.1.trim().to_owned()));
        // It logs every request; a full pipe would stop it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let mut moto = Self {
            server,
            url: url.expect("moto to say where it listens"),
            key: key("AKIAIOSFODNN7EXAMPLE", &"x".repeat(40)),
        };
        moto.key = moto.populate();
        let reset = http(&moto.url, "POST", "/moto-api/reset-auth", "", "0");
        assert_eq!(reset.status, 200, "{}", reset.body);
        moto
    }

    /// Makes the user and the role while nothing is checked yet.
    fn populate(&self) -> AccessKey {
        self.iam(&[("Action", "CreateUser"), ("UserName", "ada")]);
        self.iam(&[
            ("Action", "PutUserPolicy"),
            ("UserName", "ada"),
            ("PolicyName", "assume"),
            ("PolicyDocument", POLICY),
        ]);
        self.iam(&[
            ("Action", "CreateRole"),
            ("RoleName", "Admin"),
            ("AssumeRolePolicyDocument", TRUST),
        ]);
        let made = self.iam(&[("Action", "CreateAccessKey"), ("UserName", "ada")]);
        key(
            element(&made.body, "AccessKeyId"),
            element(&made.body, "SecretAccessKey"),
        )
    }

    fn iam(&self, params: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new("Version=2010-05-08&".to_owned())
            .extend_pairs(params)
            .finish();
        // Only the scope counts as long as nothing is checked: it names the service.
        let headers = "content-type: application/x-www-form-urlencoded\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none\r\n";
        let answer = http(&self.url, "POST", "/", headers, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// moto says no in the form that EC2 has, `<Errors>` around `<Error>`, and STS has not. This passes requests on
/// untouched, and answers with that layer blanked out.
async fn relay(moto: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = moto.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let request = read_request(&mut client).await.unwrap();
                let mut server = TcpStream::connect(server).await.unwrap();
                // A header that no signature is about, so that the answer has an end.
                let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
                server.write_all(request.as_bytes()).await.unwrap();
                let mut answer = String::new();
                server.read_to_string(&mut answer).await.unwrap();
                for layer in ["<Errors>", "</Errors>"] {
                    answer = answer.replace(layer, &" ".repeat(layer.len()));
                }
                client.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    url
}

fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0
}

#[tokio::test]
async fn moto_agrees_with_our_signatures_and_with_no_others() {
    let moto = Moto::start();
    let sts = sts_at(&relay(moto.url.clone()).await);

    let arn = granted(whoami(&sts, moto.key.clone()).await);
    assert_eq!(arn, "arn:aws:iam::123456789012:user/ada");
    let source = Source::Key(moto.key.clone(), None);
    let assumed = granted(sts.assume_role(source, role(ROLE, 3_600)).await);
    assert_eq!(assumed.origin, Origin::LongTermKey);
    assert!(assumed.credentials.access_key_id.starts_with("ASIA"));
    // Temporary credentials sign another header, the session token's.
    let source = Source::Session(assumed.credentials);
    let chained = sts.assume_role(source, role(ROLE, 3_600)).await;
    let (_, words) = refused(chained);
    assert!(words.contains("not authorized to perform"), "{words}");

    let wrong = key(moto.key.id.as_str(), &"x".repeat(40));
    let source = Source::Key(wrong.clone(), None);
    for result in [
        whoami(&sts, wrong).await.map(drop),
        sts.assume_role(source, role(ROLE, 3_600)).await.map(drop),
    ] {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::Refused);
        assert!(
            words.contains("secret access key does not belong"),
            "{words}"
        );
    }
    let unknown = key("AKIAUNKNOWN000000000", moto.key.secret.expose());
    let (cause, words) = refused(whoami(&sts, unknown).await);
    assert_eq!(cause, AwsCause::Refused);
    assert!(words.contains("does not know this access key"), "{words}");
}
