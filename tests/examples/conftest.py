"""An account of moto's for each test, and nothing of the person's own."""

import json
import os

import boto3
import pytest

from stacks import ACCOUNT

# moto reads it once, when it is imported.
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT

from moto import mock_aws
from moto.iam import models

import moto_gaps

# Of AWS's managed policies those that the examples attach: all of them take a second per test.
ATTACHED = ("CloudWatchReadOnlyAccess", "ViewOnlyAccess")


@pytest.fixture(scope="session", autouse=True)
def nobody():
    """No profile, key or endpoint of whoever runs this."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def managed_policies():
    """moto's copies of AWS's own policies."""
    every = json.loads(models.aws_managed_policies_data)
    return json.dumps({name: every[name] for name in ATTACHED})


@pytest.fixture(scope="session")
def session(nobody):
    """One for all tests, because it reads the services' descriptions only once."""
    return boto3.Session("not", "used")


@pytest.fixture
def aws(session, managed_policies, monkeypatch):
    """An empty account."""
    monkeypatch.setattr(models, "aws_managed_policies_data", managed_policies)
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}), moto_gaps.filled():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
        yield
