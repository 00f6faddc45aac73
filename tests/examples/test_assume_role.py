"""The stacks' keys and roles in use.

moto with authorization checks signatures, what the policies of a user and a role say of an action,
and whom a role trusts; of all conditions it knows only the external id. The sandbox checks codes,
their age, session names and durations.
"""

import json
from contextlib import contextmanager

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import enable_iam_authentication

import account
from sandbox import running
from stacks import ACCOUNT, REGIONS, deploy, make_needed_user

REGION = REGIONS[0]
NAMED = {"RoleSessionName": "ada"}


def client(service, credentials):
    return boto3.client(
        service,
        REGION,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


@contextmanager
def refused(code="AccessDenied"):
    with pytest.raises(ClientError) as error:
        yield
    assert error.value.response["Error"]["Code"] == code


def new_key(user="ada"):
    return boto3.client("iam", REGION).create_access_key(UserName=user)["AccessKey"]


@pytest.fixture
def sandbox(aws, tmp_path):
    """Starts a sandbox with what is in the account now."""

    def start(users):
        return running(ACCOUNT, users, account.read(REGION)["roles"], tmp_path)

    return start


def test_the_stacks_own_key_assumes_the_stacks_role(aws):
    outputs = deploy("named-session", CreateAccessKey="true")
    secret = boto3.client("secretsmanager", REGION).get_secret_value(
        SecretId=outputs["AccessKeySecretArn"]
    )
    stored = json.loads(secret["SecretString"])
    key = {
        "AccessKeyId": stored["access_key_id"],
        "SecretAccessKey": stored["secret_access_key"],
    }
    other = json.dumps({"Version": "2012-10-17", "Statement": []})
    boto3.client("iam", REGION).create_role(RoleName="Admin", AssumeRolePolicyDocument=other)

    with enable_iam_authentication():
        sts = client("sts", key)
        assert sts.get_caller_identity()["Arn"].endswith(":user/ada")
        with refused():
            sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/Admin", **NAMED)
        with refused():
            client("iam", key).list_users()
        session = sts.assume_role(RoleArn=outputs["RoleArn"], **NAMED)["Credentials"]
        assert client("iam", session).list_users()["Users"][0]["UserName"] == "ada"
        with refused():
            client("iam", session).create_user(UserName="eve")
        with refused("SignatureDoesNotMatch"):
            client("sts", key | {"SecretAccessKey": "x" * 40}).get_caller_identity()


def test_a_key_alone_gets_nothing_of_mfa_session(aws):
    outputs = deploy("mfa-session")
    key = new_key()
    with enable_iam_authentication():
        with refused():
            client("sts", key).assume_role(RoleArn=outputs["RoleArn"], **NAMED)
        with refused():
            client("iam", key).list_users()


def test_another_users_key_gets_nothing_of_bucket_access(aws):
    make_needed_user("bucket-access")
    outputs = deploy("bucket-access")
    iam = boto3.client("iam", REGION)
    iam.create_user(UserName="bob")
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    iam.put_user_policy(
        UserName="bob",
        PolicyName="any-role",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    ada, bob = client("sts", new_key("ada")), client("sts", new_key("bob"))
    with enable_iam_authentication():
        for role in (outputs["RoleArn"], outputs["PublishRoleArn"]):
            assert ada.assume_role(RoleArn=role, **NAMED)["Credentials"]
            with refused():
                bob.assume_role(RoleArn=role, **NAMED)


def test_a_strict_role_wants_its_external_id(aws):
    make_needed_user("strict-role")
    outputs = deploy("strict-role")
    sts = client("sts", new_key())
    with enable_iam_authentication():
        with refused():
            sts.assume_role(RoleArn=outputs["RoleArn"], ExternalId="deploy-2025", **NAMED)
        assert sts.assume_role(RoleArn=outputs["RoleArn"], ExternalId="deploy-2026", **NAMED)


def test_a_named_session_lasts_twelve_hours_with_a_code(sandbox):
    role = {"RoleArn": deploy("named-session")["RoleArn"]}
    key = new_key()
    with sandbox({"ada": key}) as aws:
        sts = aws.sts(key)
        with refused():
            sts.assume_role(**role, **NAMED)
        with refused():
            sts.assume_role(**role, RoleSessionName="bob", **aws.code())
        assert sts.assume_role(**role, **NAMED, **aws.code(), DurationSeconds=43_200)

        session = sts.get_session_token(**aws.code())["Credentials"]
        assert aws.sts(session).assume_role(**role, **NAMED)
        without = sts.get_session_token()["Credentials"]
        with refused():
            aws.sts(without).assume_role(**role, **NAMED)


def test_an_mfa_session_opens_the_role_until_its_code_is_too_old(sandbox):
    role = {"RoleArn": deploy("mfa-session", MfaMaxAge="7200")["RoleArn"]}
    key = new_key()
    with sandbox({"ada": key}) as aws:
        with refused():
            aws.sts(key).assume_role(**role, **NAMED)
        session = aws.sts(aws.sts(key).get_session_token(**aws.code())["Credentials"])
        assert session.assume_role(**role, **NAMED)
        aws.advance(7_000)
        assert session.assume_role(**role, **NAMED)
        aws.advance(200)
        with refused():
            session.assume_role(**role, **NAMED)
        assert session.get_caller_identity(), "the session itself goes on"


def test_bucket_access_is_granted_for_a_chosen_time(sandbox):
    make_needed_user("bucket-access")
    outputs = deploy("bucket-access")
    key = new_key()
    with sandbox({"ada": key}) as aws:
        sts = aws.sts(key)
        reader = {"RoleArn": outputs["RoleArn"], "RoleSessionName": "report-2026"}
        writer = {"RoleArn": outputs["PublishRoleArn"], "RoleSessionName": "ada"}
        for role in (reader, writer):
            with refused():
                sts.assume_role(**role)
        assert sts.assume_role(**reader, **aws.code(), DurationSeconds=14_400)
        with refused("ValidationError"):
            sts.assume_role(**writer, **aws.code(), DurationSeconds=14_400)
        session = aws.sts(sts.get_session_token(**aws.code())["Credentials"])
        assert session.assume_role(**writer)


def test_a_link_from_ones_own_role_session_signs_a_guest_in(sandbox):
    own = deploy("named-session")["RoleArn"]
    guests = deploy("sign-in-link", PrincipalArn=own)["RoleArn"]
    key = new_key()
    with sandbox({"ada": key}) as aws:
        with refused():
            aws.sts(key).assume_role(RoleArn=guests, RoleSessionName="guest-grace")
        mine = aws.sts(aws.sts(key).assume_role(RoleArn=own, **NAMED, **aws.code())["Credentials"])
        with refused():
            mine.assume_role(RoleArn=guests, **NAMED)
        session = mine.assume_role(RoleArn=guests, RoleSessionName="guest-grace")["Credentials"]
        page = aws.sign_in(session, f"{aws.url}/console/cloudwatch/home?region=eu-west-1")
    assert '<dd id="session-name">guest-grace</dd>' in page
    assert '<dd id="destination">/console/cloudwatch/home?region=eu-west-1</dd>' in page
