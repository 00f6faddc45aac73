//! What a person has already: AWS's files, another program's keys, a key that is old.

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use daypass_stage::{
    aws::{ADA_KEY_ID, ADA_SERIAL, secret_of},
    run, workspace,
};
use serde_json::json;

use crate::world::{ADMIN, World, stderr};

fn credentials_file() -> String {
    format!(
        "# kept\n[ada]\naws_access_key_id = {ADA_KEY_ID}\naws_secret_access_key = {}\nregion = eu-west-1\n",
        secret_of("ada").unwrap()
    )
}

fn with_files(config: &str, credentials: &str) -> World {
    let world = World::headless();
    let folder = world.desktop.home.path().join(".aws");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config"), config).unwrap();
    fs::write(folder.join("credentials"), credentials).unwrap();
    world
}

fn config_file() -> String {
    format!(
        "[profile prod]\nrole_arn = {ADMIN}\nsource_profile = ada\nmfa_serial = {ADA_SERIAL}\nregion = eu-west-1\n\n[profile sso]\nsso_start_url = https://example.awsapps.com/start\n"
    )
}

/// Everything a person had in `~/.aws` works through Daypass, and then the key is out of the file.
#[test]
fn a_set_up_is_taken_over_and_the_plain_text_key_removed_and_put_back() {
    let world = with_files(&config_file(), &credentials_file());
    let file = world.desktop.home.path().join(".aws/credentials");
    let planned = world.done(&["import", "--dry-run", "--json"]);
    assert!(planned.contains("\"prod\""), "{planned}");
    assert!(!planned.contains(&secret_of("ada").unwrap()));
    assert_eq!(world.aws.calls("GetCallerIdentity").unwrap(), 0);

    let imported = world.daypass_with(&["import", "--yes", "--no-keychain"], "");
    assert!(imported.status.success(), "{}", stderr(&imported));
    assert!(stderr(&imported).contains("--remove-plain-keys"));
    assert_eq!(fs::read_to_string(&file).unwrap(), credentials_file());
    world.done_with(&["mfa", "ada"], &world.aws.code(ADA_SERIAL).unwrap());
    world.done(&["credentials", "prod"]);

    let removed = world.daypass_with(
        &["import", "--yes", "--no-keychain", "--remove-plain-keys"],
        "",
    );
    assert!(removed.status.success(), "{}", stderr(&removed));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&secret_of("ada").unwrap()), "{text}");
    assert!(text.contains("# kept") && text.contains("region = eu-west-1"));
    let record = fs::read_to_string(
        world
            .desktop
            .home
            .path()
            .join("state/daypass/removed-keys.json"),
    )
    .unwrap();
    assert!(!record.contains(&secret_of("ada").unwrap()));
    world.done(&["credentials", "prod"]);

    let restored = world.daypass_with(&["import", "--undo"], "");
    assert!(restored.status.success(), "{}", stderr(&restored));
    assert_eq!(fs::read_to_string(&file).unwrap(), credentials_file());
}

/// T9: nothing that a file names is ever run, and what could mislead needs a word of agreement.
#[test]
fn t9_a_hostile_config_runs_nothing() {
    let hostile = format!(
        "[profile run]\ncredential_process = touch {{HOME}}/was-run\n[profile mfa]\nrole_arn = {ADMIN}\nsource_profile = ada\nmfa_process = touch {{HOME}}/was-run\nendpoint_url = http://evil.test\n[profile loop]\nrole_arn = {ADMIN}\nsource_profile = loop2\n[profile loop2]\nrole_arn = {ADMIN}\nsource_profile = loop\n"
    );
    let world = with_files("", &credentials_file());
    let home = world.desktop.home.path().display().to_string();
    let config = world.desktop.home.path().join(".aws/config");
    fs::write(config, hostile.replace("{HOME}", &home)).unwrap();
    world.daypass_with(&["import", "--yes", "--no-keychain"], "");
    assert!(!world.desktop.home.path().join("was-run").exists());
    let roles = world.done(&["role", "list", "--json"]);
    assert!(!roles.contains("\"mfa\""), "it needs agreement: {roles}");
    assert!(!roles.contains("loop"), "{roles}");
}

/// The managed block: written, read by AWS's own tools, updated and removed without a trace.
#[test]
fn profiles_are_written_previewed_and_removed() {
    let world = with_files("[profile mine]\nregion = eu-west-3\n", "");
    world.add_ada_and_role();
    world.enter_code();
    let file = world.desktop.home.path().join(".aws/config");
    let before = fs::read_to_string(&file).unwrap();
    let diff = world.done(&["profiles", "--dry-run"]);
    assert!(diff.contains("+[profile prod]"), "{diff}");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    let written = world.daypass_with(&["profiles"], "");
    assert!(written.status.success(), "{}", stderr(&written));
    let mut command = world
        .desktop
        .home
        .command(workspace().join("target/test-python/bin/aws"));
    let output = run(
        command.args([
            "sts",
            "get-caller-identity",
            "--profile",
            "prod",
            "--region",
            "eu-west-1",
            "--endpoint-url",
            world.aws.url(),
        ]),
        "",
    )
    .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    world.done(&["role", "remove", "prod"]);
    world.daypass_with(&["profiles"], "");
    assert!(!fs::read_to_string(&file).unwrap().contains("profile prod"));
    let removed = world.daypass_with(&["profiles", "--remove"], "");
    assert!(removed.status.success(), "{}", stderr(&removed));
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

/// Bad input: a config file that is none.
#[test]
fn t9_what_is_no_config_file_is_refused_at_once() {
    let world = World::headless();
    world.add_ada_and_role();
    let folder = world.desktop.home.path().join(".aws");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config");
    let refused = |what: &str| {
        let said = world.fails(1, &["profiles"], "");
        assert!(said.contains(".aws/config"), "{what}: {said}");
        let imported = world.daypass_with(&["import", "--yes", "--no-keychain"], "");
        assert!(!imported.status.success(), "{what}");
    };
    fs::create_dir(&file).unwrap();
    refused("a directory");
    fs::remove_dir(&file).unwrap();
    let mut mkfifo = world.desktop.home.command("mkfifo");
    run(mkfifo.arg(&file), "").unwrap();
    refused("a FIFO");
    fs::remove_file(&file).unwrap();
    fs::File::create(&file).unwrap().set_len(1 << 30).unwrap();
    refused("1 GB");
    fs::write(&file, b"[profile \xff\xfe]\n").unwrap();
    refused("not UTF-8");
}

/// T24 with the real keychain: the new key works, the old one is gone from AWS and from everywhere.
#[test]
fn t24_a_key_is_rotated() {
    let world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let state = world.until("the age of the key", |state| {
        state["identities"][0]["key_created_at"].is_string()
    });
    assert_eq!(state["identities"][0]["access_key_id"], ADA_KEY_ID);
    let said = world.done(&["identity", "rotate", "work"]);
    let new = said
        .split_whitespace()
        .find(|word| word.starts_with("AKIA"));
    let new = new
        .unwrap_or_else(|| panic!("{said}"))
        .trim_end_matches(['.', ',']);
    assert_ne!(new, ADA_KEY_ID);
    let journal = world.aws.journal().unwrap();
    assert!(
        journal
            .iter()
            .any(|call| call["op"] == "DeleteAccessKey" && call["error"].is_null())
    );
    // The new key is the one that the next code goes with.
    world.done_with(&["mfa", "work"], &world.aws.next_code(ADA_SERIAL).unwrap());
    let journal = world.aws.journal().unwrap();
    let last = journal
        .iter()
        .rev()
        .find(|call| call["op"] == "GetSessionToken")
        .unwrap();
    assert_eq!(last["access_key_id"], new);
}

/// Stores standard input as aws-vault does: in a collection of its own, an item labelled with the
/// profile's name. The collection is made without gnome-keyring's question for a password.
const AWS_VAULT: &str = "
import gi, sys
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
def call(path, interface, method, arguments):
    return bus.call_sync('org.freedesktop.secrets', path, interface, method, arguments, None, 0, -1, None).unpack()
service = '/org/freedesktop/secrets'
secret = 'org.freedesktop.Secret.'
_, session = call(service, secret + 'Service', 'OpenSession', GLib.Variant('(sv)', ('plain', GLib.Variant('s', ''))))
label = {secret + 'Collection.Label': GLib.Variant('s', sys.argv[1])}
collection, = call(service, 'org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface', 'CreateWithMasterPassword',
    GLib.Variant('(a{sv}(oayays))', (label, (session, b'', b'password', 'text/plain'))))
item = {secret + 'Item.Label': GLib.Variant('s', sys.argv[2]), secret + 'Item.Attributes': GLib.Variant('a{ss}', {'profile': sys.argv[2]})}
call(collection, secret + 'Collection', 'CreateItem',
    GLib.Variant('(a{sv}(oayays)b)', (item, (session, b'', sys.stdin.read().encode(), 'application/json'), True)))
";

/// Keys of aws-vault in the Secret Service, in the form that it writes.
#[test]
fn keys_of_aws_vault_are_found_in_the_keychain() {
    let world = World::headless();
    let key = json!({"AccessKeyID": ADA_KEY_ID, "SecretAccessKey": secret_of("ada").unwrap()});
    let data = BASE64.encode(key.to_string());
    let item = json!({"Key": "ada", "Data": data, "Label": "", "Description": "", "KeychainNotTrustApplication": false, "KeychainNotSynchronizable": false});
    // Debian's own Python has the bindings.
    let mut command = world.desktop.home.command("/usr/bin/python3");
    let stored = run(
        command.args(["-c", AWS_VAULT, "awsvault", "ada"]),
        &item.to_string(),
    )
    .unwrap();
    assert!(stored.status.success(), "{}", stderr(&stored));
    world.done(&["import", "--yes"]);
    let state = world.state();
    assert_eq!(state["identities"][0]["name"], "ada");
    assert_eq!(state["identities"][0]["access_key_id"], ADA_KEY_ID);
}
