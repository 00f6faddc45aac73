"""What botocore makes of the sandbox: run with its URL and a user's key id and secret."""

import json
import sys
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.parsers import ResponseParserError

URL, KEY_ID, SECRET = sys.argv[1:4]
ROLES = "arn:aws:iam::111122223333:role/"


def client(service, key_id, secret, token=None):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="eu-west-1" if service == "sts" else "us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def of(service, credentials):
    return client(
        service,
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials.get("SessionToken"),
    )


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} expected")


def ask(path, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(URL + path, data) as answer:
        return json.load(answer)


sts = client("sts", KEY_ID, SECRET)
assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/ada"
device = next(d for d in ask("/_sandbox/devices") if d["user"] == "ada")
code = {"SerialNumber": device["serial"], "TokenCode": device["code"]}
answer = sts.get_session_token(**code)
assert answer["ResponseMetadata"]["RequestId"]
session = answer["Credentials"]
refused("AccessDenied", sts.get_session_token, **code)
refused("ValidationError", sts.get_session_token, DurationSeconds=1)
refused("AccessDenied", of("sts", session).get_session_token)
refused("SignatureDoesNotMatch", client("sts", KEY_ID, "x" * 40).get_caller_identity)
refused("InvalidClientTokenId", client("sts", "AKIAUNKNOWN000000000", SECRET).get_caller_identity)

role = of("sts", session).assume_role(
    RoleArn=ROLES + "Admin",
    RoleSessionName="ada",
    SourceIdentity="ada",
    Policy=json.dumps({"Version": "2012-10-17", "Statement": []}),
    Tags=[{"Key": "team", "Value": "blue/green"}],
    TransitiveTagKeys=["team"],
)
assert role["AssumedRoleUser"]["Arn"].endswith(":assumed-role/Admin/ada")
assert role["SourceIdentity"] == "ada"
assert role["PackedPolicySize"] >= 1
remaining = role["Credentials"]["Expiration"].timestamp() - session["Expiration"].timestamp()
assert -39_600 - 5 <= remaining <= -39_600 + 5, remaining

iam = of("iam", session)
assert iam.get_user()["User"]["UserName"] == "ada"
assert [d["SerialNumber"] for d in iam.list_mfa_devices()["MFADevices"]] == [device["serial"]]
created = iam.create_access_key()["AccessKey"]
assert of("sts", created).get_caller_identity()["Account"] == "111122223333"
refused("LimitExceeded", iam.create_access_key)
used = iam.get_access_key_last_used(AccessKeyId=created["AccessKeyId"])
assert used["AccessKeyLastUsed"]["ServiceName"] == "sts"
iam.update_access_key(AccessKeyId=created["AccessKeyId"], Status="Inactive")
keys = {k["AccessKeyId"]: k["Status"] for k in iam.list_access_keys()["AccessKeyMetadata"]}
assert keys == {KEY_ID: "Active", created["AccessKeyId"]: "Inactive"}
iam.delete_access_key(AccessKeyId=created["AccessKeyId"])
refused("NoSuchEntity", iam.delete_access_key, AccessKeyId=created["AccessKeyId"])

federated = sts.get_federation_token(Name="ada")
assert federated["FederatedUser"]["FederatedUserId"] == "111122223333:ada"
federated = sts.get_federation_token(
    Name="ada", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
)
assert federated["PackedPolicySize"] == 2, federated
powerless = of("secretsmanager", federated["Credentials"])
refused("AccessDeniedException", powerless.describe_secret, SecretId="app/session")

credentials = {
    "sessionId": role["Credentials"]["AccessKeyId"],
    "sessionKey": role["Credentials"]["SecretAccessKey"],
    "sessionToken": role["Credentials"]["SessionToken"],
}
signin = ask("/federation", {"Action": "getSigninToken", "Session": json.dumps(credentials)})
assert signin["SigninToken"]
assert not any(entry["query_secret"] for entry in ask("/_sandbox/journal"))

# A role that was made read-only, and one that asks for a tag and a source identity.
narrowed = of("sts", session).assume_role(
    RoleArn=ROLES + "Admin",
    RoleSessionName="ada",
    PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
)
assert of("iam", narrowed["Credentials"]).list_access_keys(UserName="ada")["AccessKeyMetadata"]
refused("AccessDenied", of("iam", narrowed["Credentials"]).create_access_key, UserName="ada")
tagged = of("sts", session).assume_role(
    RoleArn=ROLES + "Tagged",
    RoleSessionName="ada",
    SourceIdentity="ada",
    Tags=[{"Key": "team", "Value": "green"}],
)
assert tagged["SourceIdentity"] == "ada"
refused("AccessDenied", of("sts", session).assume_role, RoleArn=ROLES + "Tagged", RoleSessionName="a2")

# Secrets Manager, with a role that may write one and not another.
ANSWER_KEYS = {"ARN", "Name", "VersionId", "VersionStages", "ResponseMetadata"}
writer = of("secretsmanager", role["Credentials"])
refused("AccessDeniedException", writer.get_secret_value, SecretId="app/session")
admin = of("sts", session).assume_role(RoleArn=ROLES + "Admin", RoleSessionName="ada")
writer = of("secretsmanager", admin["Credentials"])
stored = writer.put_secret_value(SecretId="app/session", SecretString="one")
assert set(stored) == ANSWER_KEYS, stored
assert stored["VersionStages"] == ["AWSCURRENT"]
again = writer.put_secret_value(
    SecretId=stored["ARN"], SecretString="one", ClientRequestToken=stored["VersionId"]
)
assert again["VersionId"] == stored["VersionId"]
value = writer.get_secret_value(SecretId="app/session")
assert (value["SecretString"], value["VersionId"]) == ("one", stored["VersionId"])
assert abs(value["CreatedDate"].timestamp() - session["Expiration"].timestamp() + 43_200) < 60
binary = writer.create_secret(Name="app/binary", SecretBinary=b"\x00\xff")
assert writer.get_secret_value(SecretId=binary["ARN"])["SecretBinary"] == b"\x00\xff"
described = writer.describe_secret(SecretId="app/session")
assert described["VersionIdsToStages"][stored["VersionId"]] == ["AWSCURRENT"]
listed = writer.list_secret_version_ids(SecretId="app/session")["Versions"]
assert len(listed) == 2 and listed[1]["VersionStages"] == ["AWSCURRENT"]
deleted = writer.delete_secret(SecretId="app/binary", RecoveryWindowInDays=7)
assert deleted["DeletionDate"] > session["Expiration"]
refused("InvalidRequestException", writer.get_secret_value, SecretId="app/binary")
refused("ResourceNotFoundException", writer.get_secret_value, SecretId="app/none")
refused("AccessDeniedException", writer.put_secret_value, SecretId="locked/session", SecretString="x")
unknown = client("secretsmanager", "AKIAUNKNOWN000000000", SECRET)
refused("UnrecognizedClientException", unknown.get_secret_value, SecretId="app/session")

# What the network may do to an answer, whole or in part.
def order(**fault):
    request = urllib.request.Request(
        URL + "/_sandbox/faults", json.dumps([{"op": "*", **fault}]).encode()
    )
    urllib.request.urlopen(request).close()


CALLS = (
    (sts.get_caller_identity, {}),
    (iam.list_access_keys, {}),
    (writer.describe_secret, {"SecretId": "app/session"}),
)
for kind, errors in {
    "reset": (ConnectionClosedError,),
    "lost_answer": (ConnectionClosedError,),
    "reset_mid_body": (ConnectionClosedError, HTTPClientError, IncompleteReadError),
    "truncated": (ResponseParserError,),
    "captive_portal": (ResponseParserError,),
}.items():
    for call, arguments in CALLS:
        order(kind=kind)
        try:
            answer = call(**arguments)
        except errors:
            continue
        # JSON that makes no sense is no error for botocore; it finds nothing in it.
        assert call == writer.describe_secret and "ARN" not in answer, (kind, answer)
for call, arguments in CALLS:
    order(kind="slow", latency_ms=1)
    call(**arguments)
    order(kind="error", code="EntityAlreadyExists", status=409)
    refused("EntityAlreadyExists", call, **arguments)
