"""Every template deploys into moto in two partitions, makes what it says, and leaves nothing."""

import json

import boto3
import pytest

import account
from stacks import (
    ACCOUNT,
    ARGUMENTS,
    PARTITIONS,
    REGIONS,
    TEMPLATES,
    delete,
    deploy,
    make_needed_user,
)

EMPTY = {"users": {}, "roles": {}, "policies": {}, "secrets": {}}


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_it_stays_in_its_partition_and_goes_without_a_trace(aws, name, region):
    make_needed_user(name, region)
    before = account.read(region)
    principal = {"PrincipalArn": f"arn:{PARTITIONS[region]}:iam::{ACCOUNT}:role/Admin"}
    outputs = deploy(name, region, **(principal if name == "sign-in-link" else {}))

    made = json.dumps([account.read(region), outputs])
    assert f"arn:{PARTITIONS[region]}:" in made
    assert made.count("arn:") == made.count(f"arn:{PARTITIONS[region]}:")

    delete(name, region)
    assert account.read(region) == before


@pytest.mark.parametrize("name", TEMPLATES)
def test_parameters_without_a_default_are_the_ones_that_have_to_be_given(aws, name):
    parameters = boto3.client("cloudformation", REGIONS[0]).get_template_summary(
        TemplateBody=TEMPLATES[name].read_text()
    )["Parameters"]
    needed = {each["ParameterKey"] for each in parameters if "DefaultValue" not in each}
    assert needed == ARGUMENTS[name].keys()


def test_no_key_is_made_unless_asked_for(aws):
    outputs = deploy("named-session")
    assert outputs.keys() == {"RoleArn", "MfaSerial"}
    assert boto3.client("iam").list_access_keys(UserName="ada")["AccessKeyMetadata"] == []
    assert account.read(REGIONS[0])["secrets"] == {}


def test_a_key_is_shown_to_secrets_manager_only(aws):
    outputs = deploy("named-session", CreateAccessKey="true")
    key = read_key(outputs["AccessKeySecretArn"])

    cloudformation = boto3.client("cloudformation", REGIONS[0])
    shown = json.dumps(
        [
            cloudformation.describe_stacks(StackName="named-session"),
            cloudformation.describe_stack_events(StackName="named-session"),
            cloudformation.describe_stack_resources(StackName="named-session"),
            cloudformation.get_template(StackName="named-session"),
        ],
        default=str,
    )
    assert key["secret_access_key"] not in shown

    delete("named-session")
    assert account.read(REGIONS[0]) == EMPTY


def test_the_key_is_in_the_form_that_identity_add_reads(aws):
    outputs = deploy("named-session", CreateAccessKey="true")
    key = read_key(outputs["AccessKeySecretArn"])
    assert key.keys() == {"access_key_id", "secret_access_key", "mfa_serials"}
    assert key["mfa_serials"] == [outputs["MfaSerial"]]
    known = boto3.client("iam").list_access_keys(UserName="ada")["AccessKeyMetadata"]
    assert [each["AccessKeyId"] for each in known] == [key["access_key_id"]]


def test_one_user_can_have_them_all(aws):
    deploy("named-session")
    for name in ("bucket-access", "sign-in-link", "strict-role", "key-rotation"):
        deploy(name)
    ada = account.read(REGIONS[0])["users"]["ada"]
    assert ada["inline"].keys() == {
        "assume-role",
        "assume-daypass-bucket-access",
        "assume-daypass-strict",
    }


def read_key(arn):
    secrets = boto3.client("secretsmanager", REGIONS[0])
    return json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
