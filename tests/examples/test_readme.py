"""The README's commands: the AWS CLI runs them, and Terraform's name what is there."""

import json
import re
import shlex
from pathlib import Path

import awscli
import boto3
import hcl2
import pytest
from awscli.clidriver import create_clidriver

from stacks import ACCOUNT, EXAMPLES, REGIONS, TEMPLATES
from terraform import PLAIN

README = (EXAMPLES / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines()]
AWS = [line for line in COMMANDS if line.startswith("aws ")]
TERRAFORM = [shlex.split(line) for line in COMMANDS if line.startswith("terraform ")]


@pytest.fixture
def cli(aws, monkeypatch, tmp_path, capfd):
    """The AWS CLI, in this process and so in this account."""
    monkeypatch.setenv("AWS_DATA_PATH", str(Path(awscli.__file__).parent / "data"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGIONS[0])
    monkeypatch.setenv("AWS_PAGER", "")
    templates = EXAMPLES.parent

    def run(line):
        words = shlex.split(line)[1:]
        words = [str(templates / word) if word.endswith(".yaml") else word for word in words]
        words = [str(tmp_path / word) if word.endswith(".png") else word for word in words]
        status = create_clidriver().main(words)
        out, err = capfd.readouterr()
        assert status == 0, f"{line}\n{err}"
        return out

    return run


def test_the_aws_commands_run_from_top_to_bottom(cli):
    boto3.client("s3", REGIONS[0]).create_bucket(
        Bucket="reports", CreateBucketConfiguration={"LocationConstraint": REGIONS[0]}
    )
    keys = []
    for line in AWS:
        command, *pipe = line.split(" | ")
        if "CreateAccessKey=true" in command:
            # The page's other way; moto's updates don't look at conditions again.
            boto3.client("cloudformation", REGIONS[0]).delete_stack(StackName="daypass-ada")
        if "--secret-id daypass/bucket-access" in command:
            boto3.client("secretsmanager", REGIONS[0]).put_secret_value(
                SecretId="daypass/bucket-access", SecretString="published by daypass"
            )
        out = cli(command)
        if pipe:
            assert pipe == ["daypass identity add work"]
            keys.append(json.loads(out))

    assert len({key["access_key_id"] for key in keys}) == 2
    for key in keys:
        assert key.keys() == {"access_key_id", "secret_access_key", "mfa_serials"}
        assert key["mfa_serials"] == [f"arn:aws:iam::{ACCOUNT}:mfa/ada"]
    stacks = boto3.client("cloudformation", REGIONS[0]).describe_stacks()["Stacks"]
    assert len(stacks) == len(TEMPLATES)


def test_every_example_is_deployed_both_ways():
    deployed = {name for line in AWS for name in re.findall(r"cloudformation/(\S+)\.yaml", line)}
    assert deployed == TEMPLATES.keys()
    for step in ("init", "apply"):
        assert {folder_of(words).name for words in TERRAFORM if step in words} == TEMPLATES.keys()


def test_terraform_gets_the_variables_that_it_needs():
    for words in (words for words in TERRAFORM if "apply" in words):
        text = (folder_of(words) / "variables.tf").read_text()
        blocks = hcl2.loads(text, serialization_options=PLAIN)["variable"]
        variables = {name.strip('"'): body for block in blocks for name, body in block.items()}
        needed = {name for name, body in variables.items() if "default" not in body}
        given = {word.split("=")[0] for option, word in zip(words, words[1:]) if option == "-var"}
        assert needed <= given <= variables.keys()


def test_the_roles_that_daypass_is_told_of_are_made(cli):
    for line in AWS:
        if line.startswith("aws cloudformation deploy"):
            cli(line)
    made = {role["Arn"] for role in boto3.client("iam").list_roles()["Roles"]}
    told = {arn for line in COMMANDS for arn in re.findall(r"--arn (\S+)", line)}
    assert told == made


def test_links_within_the_page_lead_somewhere():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in README.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#(.*?)\)", README)) <= headings


def folder_of(words):
    [folder] = [word.removeprefix("-chdir=") for word in words if word.startswith("-chdir=")]
    path = EXAMPLES.parent / folder
    assert path.is_dir()
    return path
