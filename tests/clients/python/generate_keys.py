"""The job of a script that people keep for this: assume a role in a session of a name and print
its keys. Usage: generate_keys.py ROLE_ARN SESSION_NAME"""

import json
import sys

import boto3

role_arn, session_name = sys.argv[1:]
assumed = boto3.client("sts").assume_role(
    RoleArn=role_arn, RoleSessionName=session_name, DurationSeconds=43200
)
credentials = assumed["Credentials"]
print(
    json.dumps(
        {
            "AccessKeyId": credentials["AccessKeyId"],
            "SecretAccessKey": credentials["SecretAccessKey"],
            "SessionToken": credentials["SessionToken"],
            "Expiration": credentials["Expiration"].isoformat(),
        },
        indent=2,
    )
)
