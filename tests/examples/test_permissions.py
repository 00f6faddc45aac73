"""What the deployed policies allow and what they don't, by IAM's rules of evaluation."""

import json

import boto3
import pytest

import account
from policy import allows
from stacks import ACCOUNT, REGIONS, deploy, make_needed_user

REGION = REGIONS[0]
IAM = f"arn:aws:iam::{ACCOUNT}"
ADA = f"{IAM}:user/ada"
BOB = f"{IAM}:user/bob"

# A long-lived key's request says nothing of MFA; that of an MFA session does, with the code's age.
KEY = {"aws:username": "ada"}
NO_CODE = KEY | {"aws:MultiFactorAuthPresent": "false"}
CODE = KEY | {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "60"}
NAMED = {"sts:RoleSessionName": "ada"}


@pytest.fixture
def made(aws, request):
    """The outputs of the stack that the test's marker names."""
    [name] = request.node.get_closest_marker("stack").args
    make_needed_user(name)
    return deploy(name)


def trusts(role, action, principal, context):
    trust = account.read(REGION)["roles"][role]["trust"]
    return allows(trust["Statement"], action, context=context, principal=principal)


def may(kind, name, action, resource, context=KEY):
    return allows(account.statements_of(REGION, kind, name), action, resource, context)


@pytest.mark.stack("named-session")
def test_a_named_session_takes_a_code_and_the_users_own_name(made):
    role = "daypass-named-session"
    assert trusts(role, "sts:AssumeRole", ADA, CODE | NAMED)
    assert not trusts(role, "sts:AssumeRole", ADA, KEY | NAMED)
    assert not trusts(role, "sts:AssumeRole", ADA, NO_CODE | NAMED)
    assert not trusts(role, "sts:AssumeRole", ADA, CODE | {"sts:RoleSessionName": "bob"})
    assert not trusts(role, "sts:AssumeRole", BOB, CODE | NAMED)
    assert account.read(REGION)["roles"][role]["max_session_duration"] == 43_200


@pytest.mark.stack("named-session")
def test_a_named_sessions_user_may_assume_one_role_and_nothing_else(made):
    assert may("user", "ada", "sts:AssumeRole", made["RoleArn"])
    assert not may("user", "ada", "sts:AssumeRole", f"{IAM}:role/Admin", CODE)
    assert not may("user", "ada", "iam:CreateAccessKey", ADA, CODE)
    assert may("role", "daypass-named-session", "s3:ListAllMyBuckets", "*")
    assert not may("role", "daypass-named-session", "s3:GetObject", "arn:aws:s3:::reports/a")


@pytest.mark.stack("mfa-session")
def test_without_a_code_only_the_first_mfa_device_can_be_set_up(made):
    own = f"{IAM}:mfa/ada"
    for context in (KEY, NO_CODE):
        assert may("user", "ada", "iam:CreateVirtualMFADevice", own, context)
        assert may("user", "ada", "iam:EnableMFADevice", ADA, context)
        assert may("user", "ada", "iam:ListMFADevices", ADA, context)
        assert not may("user", "ada", "iam:CreateVirtualMFADevice", f"{IAM}:mfa/ada-too", context)
        assert not may("user", "ada", "iam:CreateVirtualMFADevice", f"{own}/second", context)
        assert not may("user", "ada", "iam:EnableMFADevice", BOB, context)
        assert not may("user", "ada", "iam:DeactivateMFADevice", ADA, context)
        assert not may("user", "ada", "iam:DeleteVirtualMFADevice", own, context)
        assert not may("user", "ada", "sts:AssumeRole", made["RoleArn"], context)


@pytest.mark.stack("mfa-session")
def test_with_a_code_come_the_role_and_further_devices(made):
    assert may("user", "ada", "sts:AssumeRole", made["RoleArn"], CODE)
    assert may("user", "ada", "iam:CreateVirtualMFADevice", f"{IAM}:mfa/ada/second", CODE)
    assert may("user", "ada", "iam:DeactivateMFADevice", ADA, CODE)
    assert not may("user", "ada", "iam:DeactivateMFADevice", BOB, CODE)
    assert not may("user", "ada", "iam:CreateVirtualMFADevice", f"{IAM}:mfa/bob", CODE)
    assert not may("user", "ada", "iam:CreateAccessKey", ADA, CODE)


@pytest.mark.stack("mfa-session")
def test_a_policy_added_later_needs_a_code_too(made):
    boto3.client("iam", REGION).attach_user_policy(
        UserName="ada", PolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    )
    assert may("user", "ada", "s3:ListAllMyBuckets", "*", CODE)
    assert not may("user", "ada", "s3:ListAllMyBuckets", "*", NO_CODE)
    assert not may("user", "ada", "s3:ListAllMyBuckets", "*", KEY)


@pytest.mark.stack("mfa-session")
def test_an_old_code_opens_the_role_no_more(made):
    def at(age):
        context = CODE | {"aws:MultiFactorAuthAge": age}
        return trusts("daypass-mfa-session", "sts:AssumeRole", ADA, context)

    assert at("43199")
    assert not at("43200")
    assert not trusts("daypass-mfa-session", "sts:AssumeRole", ADA, KEY)


@pytest.mark.stack("bucket-access")
def test_bucket_access_reads_one_bucket_and_not_its_own_secret(made):
    def role(action, resource):
        return may("role", "daypass-bucket-access", action, resource)

    assert role("s3:ListBucket", "arn:aws:s3:::reports")
    assert role("s3:GetBucketLocation", "arn:aws:s3:::reports")
    assert role("s3:GetObject", "arn:aws:s3:::reports/2026/q3.csv")
    assert not role("s3:GetObject", "arn:aws:s3:::reports-2/q3.csv")
    assert not role("s3:ListBucket", "arn:aws:s3:::reports-2")
    assert not role("s3:PutObject", "arn:aws:s3:::reports/q3.csv")
    assert not role("s3:ListAllMyBuckets", "*")
    assert not role("secretsmanager:PutSecretValue", made["SecretArn"])
    assert not role("secretsmanager:GetSecretValue", made["SecretArn"])


@pytest.mark.stack("bucket-access")
def test_whoever_publishes_cannot_read_and_whoever_reads_cannot_publish(made):
    iam = boto3.client("iam", REGION)
    nobody = '{"Version": "2012-10-17", "Statement": []}'
    iam.create_role(RoleName="application", AssumeRolePolicyDocument=nobody)
    iam.attach_role_policy(RoleName="application", PolicyArn=made["SubscribePolicyArn"])
    other = made["SecretArn"].replace("daypass/", "payroll/")
    publisher = "daypass-bucket-access-publish"
    for action, name in (
        ("secretsmanager:PutSecretValue", publisher),
        ("secretsmanager:GetSecretValue", "application"),
    ):
        assert may("role", name, action, made["SecretArn"])
        assert not may("role", name, action, other)
    assert not may("role", "application", "secretsmanager:PutSecretValue", made["SecretArn"])
    assert not may("role", publisher, "secretsmanager:GetSecretValue", made["SecretArn"])
    assert not may("role", publisher, "s3:GetObject", "arn:aws:s3:::reports/a")


@pytest.mark.stack("bucket-access")
def test_both_roles_of_bucket_access_take_the_users_code(made):
    for name, arn in (
        ("daypass-bucket-access", made["RoleArn"]),
        ("daypass-bucket-access-publish", made["PublishRoleArn"]),
    ):
        assert trusts(name, "sts:AssumeRole", ADA, CODE)
        assert not trusts(name, "sts:AssumeRole", ADA, KEY)
        assert not trusts(name, "sts:AssumeRole", BOB, CODE)
        assert may("user", "ada", "sts:AssumeRole", arn)
    assert not may("user", "ada", "sts:AssumeRole", f"{IAM}:role/Admin")


@pytest.mark.stack("sign-in-link")
def test_a_guests_session_is_named_after_the_guest_and_leads_no_further(made):
    admin = f"{IAM}:role/Admin"
    guest = {"sts:RoleSessionName": "guest-grace"}
    assert trusts("daypass-guest", "sts:AssumeRole", admin, guest)
    assert not trusts("daypass-guest", "sts:AssumeRole", admin, {"sts:RoleSessionName": "ada"})
    assert not trusts("daypass-guest", "sts:AssumeRole", ADA, CODE | guest)
    assert may("role", "daypass-guest", "cloudwatch:GetMetricData", "*")
    assert not may("role", "daypass-guest", "cloudwatch:DeleteAlarms", "*")
    assert not may("role", "daypass-guest", "sts:AssumeRole", admin)


@pytest.mark.stack("sign-in-link")
def test_a_guest_with_more_permissions_leads_no_further_either(made):
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    boto3.client("iam", REGION).put_role_policy(
        RoleName="daypass-guest",
        PolicyName="more",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": everything}),
    )
    assert may("role", "daypass-guest", "s3:ListAllMyBuckets", "*")
    assert not may("role", "daypass-guest", "sts:AssumeRole", f"{IAM}:role/Admin")


STRICT = {
    "sts:ExternalId": "deploy-2026",
    "sts:SourceIdentity": "ada",
    "aws:RequestTag/project": "apollo",
    "aws:TagKeys": ["project"],
}


@pytest.mark.stack("strict-role")
def test_a_strict_role_takes_everything_or_nothing(made):
    def all_three(context, principal=ADA):
        actions = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
        return all(trusts("daypass-strict", action, principal, context) for action in actions)

    assert all_three(CODE | STRICT)
    assert all_three(CODE | STRICT | {"aws:RequestTag/project": "gemini"})
    assert not all_three(KEY | STRICT)
    assert not all_three(CODE | STRICT, BOB)
    for key in STRICT.keys() - {"aws:TagKeys"}:
        assert not all_three(CODE | {k: v for k, v in STRICT.items() if k != key}), key
    for key, wrong in (
        ("sts:ExternalId", "deploy-2025"),
        ("sts:SourceIdentity", "bob"),
        ("aws:RequestTag/project", "mercury"),
        ("aws:TagKeys", ["project", "admin"]),
    ):
        assert not all_three(CODE | STRICT | {key: wrong}), key


@pytest.mark.stack("strict-role")
def test_a_strict_roles_user_may_ask_for_all_three(made):
    for action in ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"):
        assert may("user", "ada", action, made["RoleArn"])
        assert not may("user", "ada", action, f"{IAM}:role/Admin")


@pytest.mark.stack("key-rotation")
def test_keys_are_rotated_by_their_own_user_with_a_code(made):
    with_path = f"{IAM}:user/team/blue/ada"
    for action in ("CreateAccessKey", "DeleteAccessKey", "ListAccessKeys", "UpdateAccessKey"):
        assert may("user", "ada", f"iam:{action}", ADA, CODE)
        assert may("user", "ada", f"iam:{action}", with_path, CODE)
        assert not may("user", "ada", f"iam:{action}", ADA, KEY)
        assert not may("user", "ada", f"iam:{action}", ADA, NO_CODE)
        assert not may("user", "ada", f"iam:{action}", BOB, CODE)
        assert not may("user", "ada", f"iam:{action}", f"{IAM}:user/ada/bob", CODE)
        assert not may("user", "ada", f"iam:{action}", f"{IAM}:user/nevada", CODE)
    assert not may("user", "ada", "iam:CreateLoginProfile", ADA, CODE)
