"""daypass-sandbox, with what a stack made in it. It checks codes and trust policies as AWS does."""

import json
import os
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import boto3
from botocore.config import Config

PROGRAM = Path(__file__).parents[2] / "target/debug/daypass-sandbox"
SEED = "HUEAYHABCTMMRU5DMXYWDDIDLDT32MYC"


@contextmanager
def running(account_id, users, roles, folder):
    """A sandbox with these users, each a name and a key, and roles as `account.read` has them."""
    seed = folder / "seed.json"
    seed.write_text(json.dumps({"accounts": [_account(account_id, users, roles)]}))
    program = Path(os.environ.get("DAYPASS_SANDBOX", PROGRAM))
    assert program.exists(), "the sandbox is not built: cargo build -p daypass-sandbox"
    process = subprocess.Popen([program, "--seed", seed], stdout=subprocess.PIPE, text=True)
    try:
        sandbox = Sandbox(json.loads(process.stdout.readline())["listening"])
        with sandbox.signing_with_its_clock():
            yield sandbox
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Sandbox:
    """A running sandbox."""

    def __init__(self, url):
        self.url = url

    def sts(self, credentials):
        """A client of its STS."""
        return boto3.client(
            "sts",
            "eu-west-1",
            endpoint_url=self.url,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}),
        )

    def code(self):
        """The arguments of a code that was not used yet: each works once, so the clock moves on."""
        self.advance(30)
        [device] = self._ask("/_sandbox/devices")
        return {"SerialNumber": device["serial"], "TokenCode": device["code"]}

    def advance(self, seconds):
        """Moves the clock."""
        self._ask("/_sandbox/clock", json.dumps({"advance_seconds": seconds}))

    def sign_in(self, credentials, destination):
        """The console page that a sign-in link leads to."""
        session = {
            "sessionId": credentials["AccessKeyId"],
            "sessionKey": credentials["SecretAccessKey"],
            "sessionToken": credentials["SessionToken"],
        }
        asked = {"Action": "getSigninToken", "Session": json.dumps(session)}
        token = self._ask("/federation", urllib.parse.urlencode(asked))["SigninToken"]
        link = {"Action": "login", "Destination": destination, "SigninToken": token}
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(f"{self.url}/federation?{urllib.parse.urlencode(link)}") as page:
            return page.read().decode()

    @contextmanager
    def signing_with_its_clock(self):
        """botocore dates its signatures by the sandbox's clock."""

        def now(remove_tzinfo=True):
            time = datetime.fromisoformat(self._ask("/_sandbox/clock")["now"])
            return time.replace(tzinfo=None) if remove_tzinfo else time

        with patch("botocore.auth.get_current_datetime", now):
            yield

    def _ask(self, path, body=None):
        request = urllib.request.Request(self.url + path, body.encode() if body else None)
        if body and body.startswith("{"):
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def _account(account_id, users, roles):
    return {
        "id": account_id,
        "users": [
            {
                "name": name,
                "access_keys": [{"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}],
                "mfa_devices": [{"serial": f"arn:aws:iam::{account_id}:mfa/{name}", "seed": SEED}],
            }
            for name, key in users.items()
        ],
        "roles": [
            {
                "name": name,
                "max_session_duration": role["max_session_duration"],
                "trust": role["trust"],
            }
            for name, role in roles.items()
        ],
    }
