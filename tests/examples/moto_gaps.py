"""What moto's CloudFormation leaves out of AWS's, and the examples use.

All of it is done with calls to moto's own IAM and Secrets Manager.
"""

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import boto3
from moto.cloudformation import parsing
from moto.cloudformation.parsing import ResourceMap
from moto.iam.models import ManagedPolicy, Role
from moto.utilities.utils import get_partition


@contextmanager
def filled():
    """moto with AWS::Partition, secrets, a role's ManagedPolicyArns, and policies that go away."""
    gaps = (
        (parsing, "get_model_map", _model_map),
        (ResourceMap, "__init__", _start),
        (Role, "create_from_cloudformation_json", classmethod(_create_role)),
        (Role, "delete_from_cloudformation_json", classmethod(_delete_role)),
        (ManagedPolicy, "delete_from_cloudformation_json", classmethod(_delete_policy)),
    )
    with ExitStack() as stack:
        for owner, name, replacement in gaps:
            stack.enter_context(patch.object(owner, name, replacement))
        yield


class Secret:
    """AWS::SecretsManager::Secret."""

    def __init__(self, arn):
        self.physical_resource_id = arn

    @classmethod
    def create_from_cloudformation_json(cls, name, resource, account, region, **_):
        secret = boto3.client("secretsmanager", region).create_secret(**resource["Properties"])
        return cls(secret["ARN"])

    @classmethod
    def delete_from_cloudformation_json(cls, arn, _resource, _account, region):
        boto3.client("secretsmanager", region).delete_secret(
            SecretId=arn, ForceDeleteWithoutRecovery=True
        )

    def is_created(self):
        return True


_models = parsing.get_model_map
_start_in_aws = ResourceMap.__init__
_create_bare_role = Role.create_from_cloudformation_json.__func__
_delete_bare_role = Role.delete_from_cloudformation_json.__func__


def _model_map():
    return _models() | {"AWS::SecretsManager::Secret": Secret}


def _start(self, *arguments, **named):
    _start_in_aws(self, *arguments, **named)
    self._parsed_resources["AWS::Partition"] = get_partition(self._region_name)


def _create_role(cls, name, resource, account, region, **named):
    role = _create_bare_role(cls, name, resource, account, region, **named)
    iam = boto3.client("iam", region)
    for arn in resource["Properties"].get("ManagedPolicyArns", []):
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    return role


def _delete_role(cls, name, resource, account, region):
    iam = boto3.client("iam", region)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    _delete_bare_role(cls, name, resource, account, region)


def _delete_policy(cls, arn, _resource, _account, region):
    iam = boto3.client("iam", region)
    attached = iam.list_entities_for_policy(PolicyArn=arn)
    for user in attached["PolicyUsers"]:
        iam.detach_user_policy(UserName=user["UserName"], PolicyArn=arn)
    for role in attached["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
