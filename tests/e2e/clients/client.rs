//! AWS's SDKs and CLIs as they are installed, and the ways in which they come to a session.

use std::{
    fs::File,
    io::{BufRead, BufReader, Lines, Write},
    path::PathBuf,
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use daypass_stage::{Process, programs, workspace};

use crate::world::World;

/// Where a client's credentials come from.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// `credential_process` in `~/.aws/config`.
    Process,
    /// The container endpoint of `daypass exec --server`.
    Endpoint,
    /// The variables of `daypass exec`.
    Environment,
}

/// An SDK or CLI.
pub(super) struct Client {
    pub(super) name: &'static str,
    /// How it introduces itself to AWS.
    user_agent: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
    /// It is told its endpoint by an option, because it is from before `AWS_ENDPOINT_URL_STS`, and
    /// from before the endpoint's token could be in a file.
    old: bool,
}

/// All of them; each says who it is for every line that it reads.
pub(super) fn all() -> Vec<Client> {
    let scripts = workspace().join("tests/clients");
    let new = |name, user_agent, program: PathBuf, arguments| Client {
        name,
        user_agent,
        program,
        arguments,
        old: false,
    };
    vec![
        new(
            "boto3",
            "Boto3/",
            python("python"),
            vec![scripts.join("python/whoami.py")],
        ),
        new(
            "aws-cli-1",
            "aws-cli/1.",
            scripts.join("whoami.sh"),
            vec![python("aws")],
        ),
        Client {
            old: true,
            ..new(
                "aws-cli-2",
                "aws-cli/2.",
                scripts.join("whoami.sh"),
                vec!["/usr/bin/aws".into()],
            )
        },
        new(
            "javascript",
            "aws-sdk-js/",
            "node".into(),
            vec![scripts.join("javascript/whoami.js")],
        ),
        new("rust", "aws-sdk-rust/", rust_client(), vec![]),
    ]
}

/// A program of the tests' own Python.
pub(super) fn python(program: &str) -> PathBuf {
    workspace().join("target/test-python/bin").join(program)
}

fn rust_client() -> PathBuf {
    let program = programs().unwrap().join("examples/whoami");
    assert!(
        program.is_file(),
        "no {}: run `cargo build -p daypass-agent --examples`",
        program.display()
    );
    program
}

impl Client {
    /// Starts it on the role `prod`.
    pub(super) fn start(&self, world: &World, way: Way, endpoint: &str) -> Conversation {
        let mut command = self.command(world, way, endpoint);
        command
            .env("AWS_ENDPOINT_URL_STS", endpoint)
            // Without credentials a client must not go looking for a cloud that it might be in.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::piped())
            .stderr(File::create(world.desktop.home.log(self.name)).unwrap());
        let (mut process, answers) = Process::start_piped(&mut command).unwrap();
        Conversation {
            name: self.name,
            user_agent: self.user_agent,
            questions: process.take_stdin().unwrap(),
            answers: BufReader::new(answers).lines(),
            process,
        }
    }

    fn command(&self, world: &World, way: Way, endpoint: &str) -> Command {
        let home = &world.desktop.home;
        let mut command = match way {
            Way::Process => {
                let mut command = home.command(&self.program);
                command.env("AWS_PROFILE", "prod");
                command
            }
            Way::Endpoint | Way::Environment => {
                let mut command = home.program("daypass").unwrap();
                command.args(["exec", "prod", "--region", "us-east-1"]);
                if matches!(way, Way::Endpoint) {
                    command.arg("--server");
                    command.args(self.old.then_some("--token-in-env"));
                }
                command.arg("--").arg(&self.program);
                command
            }
        };
        command.args(&self.arguments);
        if self.old {
            command.args(["--endpoint-url", endpoint]);
        }
        command
    }
}

/// A client that runs.
pub(super) struct Conversation {
    pub(super) name: &'static str,
    user_agent: &'static str,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    process: Process,
}

impl Conversation {
    /// Has it ask AWS who it is.
    pub(super) fn arn(&mut self, world: &World) -> String {
        // Where it has ended, its log says more than a broken pipe.
        let _ = writeln!(self.questions);
        let answer = self.answers.next().and_then(Result::ok);
        answer.unwrap_or_else(|| panic!("{}: {}", self.name, world.log(self.name)))
    }

    /// Lets it end by itself: one that reads the end of its input and gets a signal at once may
    /// hang, as Node does.
    pub(super) fn end(mut self) {
        drop(self.questions);
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{}: {status}", self.name);
    }

    /// Has it ask the sandbox who it is, and yields the access key with which it did.
    pub(super) fn access_key_id(&mut self, world: &World) -> String {
        assert_eq!(
            self.arn(world),
            "arn:aws:sts::111122223333:assumed-role/Admin/ada",
            "{}",
            self.name
        );
        let journal = world.aws.journal().unwrap();
        // The agent asks for the time when it likes, which is no operation.
        let call = journal.iter().rfind(|call| call["op"] != "").unwrap();
        assert_eq!(call["op"], "GetCallerIdentity", "{}", self.name);
        let agent = call["user_agent"].as_str().unwrap();
        assert!(agent.contains(self.user_agent), "{}: {agent}", self.name);
        call["access_key_id"].as_str().unwrap().to_owned()
    }
}
