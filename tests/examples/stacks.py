"""The CloudFormation examples: where they are, what to deploy them with, and deploying them."""

from pathlib import Path

import boto3

EXAMPLES = Path(__file__).parents[2] / "examples"
TEMPLATES = {path.stem: path for path in sorted((EXAMPLES / "cloudformation").glob("*.yaml"))}

# moto takes GovCloud's IAM for that of the first.
PARTITIONS = {"eu-west-1": "aws", "cn-north-1": "aws-cn"}
REGIONS = tuple(PARTITIONS)
ACCOUNT = "111122223333"

# For the parameters that have no default. Apart from those, what is deployed is what a person gets.
ARGUMENTS = {
    "named-session": {"UserName": "ada"},
    "mfa-session": {"UserName": "ada"},
    "bucket-access": {"UserName": "ada", "BucketName": "reports"},
    "sign-in-link": {"PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Admin"},
    "strict-role": {"UserName": "ada", "ExternalId": "deploy-2026", "Projects": "apollo,gemini"},
    "key-rotation": {"UserName": "ada"},
}
NEED_A_USER = ("bucket-access", "strict-role", "key-rotation")


def deploy(name, region=REGIONS[0], **arguments):
    """Makes a stack of an example, and answers with its outputs."""
    cloudformation = boto3.client("cloudformation", region)
    arguments = ARGUMENTS[name] | arguments
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATES[name].read_text(),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in arguments.items()
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def delete(name, region=REGIONS[0]):
    """Deletes the stack of an example."""
    cloudformation = boto3.client("cloudformation", region)
    cloudformation.delete_stack(StackName=name)
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert [stack["StackStatus"] for stack in stacks] == ["DELETE_COMPLETE"]


def make_needed_user(name, region=REGIONS[0]):
    """Makes the user that an example expects to be there."""
    if name in NEED_A_USER:
        boto3.client("iam", region).create_user(UserName="ada")
