"""A program that is busy with AWS all day.

Reads the name of a profile a line, calls AWS as that profile, and says how it went. With --forget
it starts anew with each call, as the AWS CLI does; else it keeps its clients, as a server does.
"""

import sys

import boto3
from botocore.config import Config

FORGET = sys.argv[1:] == ["--forget"]
# One try: a retry would hide what this looks for.
ONCE = Config(retries={"total_max_attempts": 1})
clients = {}


def client(profile):
    if FORGET or profile not in clients:
        clients[profile] = boto3.Session(profile_name=profile).client("sts", config=ONCE)
    return clients[profile]


for line in sys.stdin:
    try:
        client(line.strip()).get_caller_identity()
        print("ok", flush=True)
    except Exception as error:  # whatever it is, it is what a person would see
        print("failed: " + " ".join(str(error).split()), flush=True)
