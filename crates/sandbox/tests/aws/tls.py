"""HTTPS as botocore sees it: run with the sandbox's URL, its CA's file, and a user's key id and secret."""

import http.client
import json
import ssl
import sys
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import HTTPClientError, SSLError
from botocore.parsers import ResponseParserError

URL, CA, KEY_ID, SECRET = sys.argv[1:5]


def sts(url, verify):
    return boto3.client(
        "sts",
        endpoint_url=url,
        verify=verify,
        region_name="us-east-1",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}),
    )


def ask(path, form=None, order=None):
    context = ssl.create_default_context(cafile=CA)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    connection = http.client.HTTPSConnection(urllib.parse.urlsplit(URL).netloc, context=context)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = json.dumps(order) if order else urllib.parse.urlencode(form or {})
    connection.request("POST" if form or order else "GET", path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()


for url in (URL, URL.replace("127.0.0.1", "localhost")):
    try:
        sts(url, True).get_caller_identity()
    except SSLError as error:
        assert "CERTIFICATE_VERIFY_FAILED" in str(error), error
    else:
        raise AssertionError("a CA that nobody knows was trusted")
    assert sts(url, CA).get_caller_identity()["Arn"].endswith(":user/bob")

_, journal = ask("/_sandbox/journal")
assert len(json.loads(journal)) == 2, journal

role = sts(URL, CA).assume_role(
    RoleArn="arn:aws:iam::111122223333:role/ReadOnly", RoleSessionName="bob"
)["Credentials"]
session = {
    "sessionId": role["AccessKeyId"],
    "sessionKey": role["SecretAccessKey"],
    "sessionToken": role["SessionToken"],
}
_, token = ask("/federation", {"Action": "getSigninToken", "Session": json.dumps(session)})
login = {"Action": "login", "Destination": URL + "/console/s3", **json.loads(token)}
answer, page = ask("/federation?" + urllib.parse.urlencode(login))
assert answer.status == 302 and answer.headers["Location"] == "/console/s3", page

# A reset reaches through TLS; of a body that breaks off botocore parses what is there.
for kind in ("reset", "lost_answer", "reset_mid_body"):
    ask("/_sandbox/faults", order=[{"op": "GetCallerIdentity", "kind": kind}])
    try:
        sts(URL, CA).get_caller_identity()
    except (HTTPClientError, ResponseParserError):
        continue
    raise AssertionError(f"{kind}: no error")
