//! A network that misbehaves, in front of the real agent: what is there is served, what is not says
//! why, and all is well once it is over.

use std::thread;

use daypass_stage::{
    Parts,
    aws::{ADA_SERIAL, Aws, secret_of},
    proxy::{Path, Proxy},
    wait,
};
use serde_json::Value;

use crate::world::{AUDITOR, World, key, stderr};

const REDIRECT: &str =
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n";
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 999\r\n\r\n<Assu";

/// After this a session of an hour is due for renewal, and far from its end.
const UNTIL_DUE: i64 = 42 * 60;
/// Pauses between two tries are as long as some of these.
const BETWEEN_LOOKS: i64 = 20;

const UNREACHABLE: &str = "AWS cannot be reached";
const NOT_AWS: &str = "Something other than AWS answered";

/// An agent whose way to STS leads through a proxy, with a role that has a session, `prod`, and one
/// that has none, `cold`.
struct Net {
    world: World,
    proxy: Proxy,
    time: i64,
}

impl Net {
    fn start() -> Self {
        let mut world = World::without_agent(Parts {
            keychain: false,
            ..Parts::HEADLESS
        });
        world.desktop.with_movable_clock().unwrap();
        let proxy = Proxy::start(world.aws.url()).unwrap();
        let sts = format!("sts = \"{}\"", world.aws.url());
        let through = format!("sts = \"http://{}\"", proxy.authority());
        let endpoints = world.aws.endpoints().replace(&sts, &through);
        let config = format!("version = 1\n\n{endpoints}");
        world.desktop.home.write_config(&config).unwrap();
        world.start_file_agent();
        world.add_ada_and_role();
        world.done(&[
            "role",
            "add",
            "cold",
            "--arn",
            AUDITOR,
            "--identity",
            "work",
        ]);
        world.enter_code();
        world.done(&["credentials", "prod"]);
        Self {
            world,
            proxy,
            time: 0,
        }
    }

    fn pass(&mut self, seconds: i64) {
        self.time += seconds;
        self.world.aws.advance(seconds).unwrap();
        self.world.desktop.move_clock(self.time).unwrap();
    }

    fn fail(&self, kind: &str) {
        self.world.aws.fail("AssumeRole", kind, 1_000).unwrap();
    }

    /// The end of the session that `prod` is served.
    fn served(&self) -> String {
        let answer: Value =
            serde_json::from_str(&self.world.done(&["credentials", "prod"])).unwrap();
        answer["Expiration"].as_str().unwrap().to_owned()
    }

    /// While the network is as `begin` makes it, `prod` is served although it is due for renewal,
    /// and `cold` fails in these words; afterwards `prod` is renewed.
    fn survives(&mut self, words: &str, begin: impl Fn(&Self)) {
        let end = self.served();
        begin(self);
        self.pass(UNTIL_DUE);
        thread::scope(|scope| {
            let cold = scope.spawn(|| self.world.daypass_with(&["credentials", "cold"], ""));
            while !cold.is_finished() {
                assert_eq!(self.served(), end);
            }
            let cold = cold.join().unwrap();
            assert!(!cold.status.success());
            assert!(stderr(&cold).contains(words), "{}", stderr(&cold));
        });
        assert_eq!(self.served(), end);

        self.world.aws.mend().unwrap();
        self.lead(straight(&self.world.aws));
        wait::until("a renewal", || {
            self.pass(BETWEEN_LOOKS);
            (self.served() != end).then_some(())
        })
        .unwrap();
    }

    fn lead(&self, path: Path) {
        self.proxy.lead(path).unwrap();
    }
}

fn straight(aws: &Aws) -> Path {
    Path::To(aws.url().rsplit('/').next().unwrap().to_owned())
}

#[test]
fn r5_a_network_that_is_not_there_takes_nothing_away() {
    let mut net = Net::start();
    net.survives(UNREACHABLE, |net| net.lead(Path::Refused));
    net.survives(UNREACHABLE, |net| net.lead(Path::BlackHole));
}

#[test]
fn r5_a_network_that_lies_takes_nothing_away() {
    let mut net = Net::start();
    net.survives(NOT_AWS, |net| net.lead(Path::HalfClosed(REDIRECT)));
    net.survives(NOT_AWS, |net| net.fail("captive_portal"));
}

#[test]
fn r5_a_network_that_breaks_off_takes_nothing_away() {
    let mut net = Net::start();
    net.survives(UNREACHABLE, |net| net.lead(Path::HalfClosed(HALF)));
    for kind in ["reset", "reset_mid_body", "lost_answer", "slow"] {
        net.survives(UNREACHABLE, |net| net.fail(kind));
    }
    // Half an answer, as if it were whole.
    net.survives("incomplete", |net| net.fail("truncated"));
}

/// Somebody with a certificate of their own takes AWS's place.
#[test]
fn r5_a_certificate_that_is_not_trusted_takes_nothing_away() {
    let mut world = World::without_agent(Parts {
        keychain: false,
        ..Parts::HEADLESS
    });
    let home = &world.desktop.home;
    let [ca, foreign] = ["ca.pem", "foreign.pem"].map(|name| home.path().join(name));
    let aws = Aws::start_tls(home, &ca).unwrap();
    let stranger = Aws::start_tls(home, &foreign).unwrap();
    let proxy = Proxy::start(aws.url()).unwrap();
    let config = format!(
        "version = 1\n\n[settings]\nca_bundle = \"{}\"\n\n[endpoints]\nsts = \"https://{}\"\n",
        ca.display(),
        proxy.authority()
    );
    home.write_config(&config).unwrap();
    world.start_file_agent();
    let bob = key("AKIASANDBOXBOB000001", &secret_of("bob").unwrap(), &[]);
    world.done_with(&["identity", "add", "work"], &bob);
    for (name, arn) in [("prod", "NoMfa"), ("cold", "ReadOnly")] {
        let arn = format!("arn:aws:iam::111122223333:role/{arn}");
        world.done(&["role", "add", name, "--arn", &arn, "--identity", "work"]);
    }
    let warm = world.done(&["credentials", "prod"]);

    proxy.lead(straight(&stranger)).unwrap();
    let said = world.fails(1, &["credentials", "cold"], "");
    assert!(said.contains("certificate is not trusted"), "{said}");
    assert!(said.contains("ca_bundle"), "{said}");
    assert_eq!(world.done(&["credentials", "prod"]), warm);

    proxy.lead(straight(&aws)).unwrap();
    world.done(&["credentials", "cold"]);
}

/// AWS took the code, and its answer got lost on the way.
#[test]
fn p4_a_code_whose_answer_got_lost_is_not_sent_again() {
    let mut world = World::without_agent(Parts {
        keychain: false,
        ..Parts::HEADLESS
    });
    world.start_file_agent();
    world.add_ada_and_role();
    world.aws.fail("GetSessionToken", "lost_answer", 1).unwrap();
    let code = world.aws.code(ADA_SERIAL).unwrap();
    let said = world.fails(1, &["mfa", "work"], &code);
    assert!(said.contains("Nobody knows whether AWS took"), "{said}");
    let said = world.fails(4, &["mfa", "work"], &code);
    assert!(said.contains("already used"), "{said}");
    assert_eq!(world.aws.calls("GetSessionToken").unwrap(), 1);

    let next = world.aws.next_code(ADA_SERIAL).unwrap();
    world.done_with(&["mfa", "work"], &next);
    world.done(&["credentials", "prod"]);
}
