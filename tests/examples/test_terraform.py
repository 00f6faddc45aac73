"""Terraform and CloudFormation make the same, so that neither can be changed alone."""

import json
import re

import boto3
import pytest
from cfnlint.decode import cfn_yaml

import account
from stacks import (
    ACCOUNT,
    ARGUMENTS,
    EXAMPLES,
    PARTITIONS,
    REGIONS,
    TEMPLATES,
    deploy,
    make_needed_user,
)
from terraform import Module

# Terraform would keep the key's secret in its state.
CLOUDFORMATION_ONLY = {"CreateAccessKey"}


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_both_make_the_same(aws, name, region):
    make_needed_user(name, region)
    outputs = deploy(name, region)
    module = read_module(name, region)
    expected = account.read(region)
    assert module.account_afterwards() == expected
    assert module.outputs() == {snake(key): value for key, value in outputs.items()}


@pytest.mark.parametrize("name", TEMPLATES)
def test_both_are_asked_for_the_same(aws, name):
    parameters = cfn_yaml.load(str(TEMPLATES[name]))["Parameters"]
    variables = read_module(name, REGIONS[0]).variables
    wanted = parameters.keys() - CLOUDFORMATION_ONLY
    assert {name: of_variable(name, body) for name, body in variables.items()} == {
        snake(name): of_parameter(parameters[name]) for name in wanted
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_terraform_makes_an_access_key(aws, name):
    kinds = {address.split(".")[0] for _, address, _ in read_module(name, REGIONS[0]).blocks}
    assert "aws_iam_access_key" not in kinds


def test_a_difference_is_seen(aws):
    deploy("mfa-session")
    module = read_module("mfa-session", REGIONS[0])
    document = module._block("data", "aws_iam_policy_document.user_policy")
    document["statement"][-1]["condition"][0]["test"] = '"Bool"'
    assert module.account_afterwards() != account.read(REGIONS[0])


def read_module(name, region):
    lists = {"Projects"}
    arguments = {
        snake(key): value.split(",") if key in lists else value
        for key, value in ARGUMENTS[name].items()
    }
    secrets = boto3.client("secretsmanager", region)
    return Module(
        EXAMPLES / "terraform" / name,
        PARTITIONS[region],
        ACCOUNT,
        lambda secret: secrets.describe_secret(SecretId=secret)["ARN"],
        arguments,
    )


def of_parameter(parameter):
    """Type, words, default and limits."""
    types = {"String": "string", "Number": "number", "CommaDelimitedList": "list(string)"}
    limits = [parameter.get("MinValue"), parameter.get("MaxValue")]
    if "MinLength" in parameter:
        limits = [parameter["MinLength"], parameter["MaxLength"]]
    return {
        "type": types[parameter["Type"]],
        "description": parameter["Description"],
        "default": str(parameter.get("Default")),
        "pattern": parameter.get("AllowedPattern"),
        "limits": [int(limit) for limit in limits if limit is not None],
        "error": parameter.get("ConstraintDescription"),
    }


def of_variable(name, variable):
    [validation] = variable.get("validation", [{}])
    condition = validation.get("condition", "")
    pattern = re.search(rf'regex\(("(?:[^"\\]|\\.)*"), var\.{name}\)', condition)
    limits = re.search(rf"\bvar\.{name}\)? >= (\d+) && .*\bvar\.{name}\)? <= (\d+)", condition)
    error = validation.get("error_message")
    return {
        "type": str(variable["type"]).strip("${}"),
        "description": json.loads(variable["description"]),
        "default": str(variable.get("default")).strip('"'),
        "pattern": json.loads(pattern[1]) if pattern else None,
        "limits": [int(limit) for limit in limits.groups()] if limits else [],
        "error": json.loads(error).removesuffix(".") if error else None,
    }


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
