"""Fills moto's account with a user who may assume a role, has moto check signatures from then on,
and prints the user's key as `daypass identity add` reads it. Usage: moto_account.py URL"""

import json
import sys
from urllib.request import Request, urlopen

import boto3

url = sys.argv[1]
# Nothing is checked yet.
iam = boto3.client(
    "iam", endpoint_url=url, aws_access_key_id="none", aws_secret_access_key="none"
)


def allow(action, **more):
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


trust = allow("sts:AssumeRole", Principal={"AWS": "*"})
iam.create_role(RoleName="Admin", AssumeRolePolicyDocument=trust)
iam.create_user(UserName="ada")
policy = allow("sts:AssumeRole", Resource="*")
iam.put_user_policy(UserName="ada", PolicyName="assume", PolicyDocument=policy)
made = iam.create_access_key(UserName="ada")["AccessKey"]

# So many requests, none, are still let through unchecked. As a form it would be read as empty.
check = Request(
    f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}
)
urlopen(check).close()
print(
    json.dumps(
        {
            "access_key_id": made["AccessKeyId"],
            "secret_access_key": made["SecretAccessKey"],
            "mfa_serials": [],
        }
    )
)
