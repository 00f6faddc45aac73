"""What is in an account, as a plain value: to compare, and to decide on."""

import boto3

from policy import normal


def read(region):
    """Users, roles, policies and secrets, each by its name."""
    iam = boto3.client("iam", region)
    secrets = boto3.client("secretsmanager", region)
    return {
        "users": {
            user["UserName"]: {
                "inline": _inline(iam, "user", user["UserName"]),
                "attached": _attached(iam, "user", user["UserName"]),
            }
            for user in iam.list_users()["Users"]
        },
        "roles": {
            role["RoleName"]: {
                "max_session_duration": role["MaxSessionDuration"],
                "trust": normal(role["AssumeRolePolicyDocument"]),
                "inline": _inline(iam, "role", role["RoleName"]),
                "attached": _attached(iam, "role", role["RoleName"]),
            }
            for role in iam.list_roles()["Roles"]
        },
        "policies": {
            policy["PolicyName"]: normal(_document(iam, policy["Arn"]))
            for policy in iam.list_policies(Scope="Local")["Policies"]
        },
        "secrets": {
            secret["Name"]: secret["Description"] for secret in secrets.list_secrets()["SecretList"]
        },
    }


def statements_of(region, kind, name):
    """All statements that a user or a role is held to, AWS's managed policies included."""
    iam = boto3.client("iam", region)
    documents = list(_inline(iam, kind, name).values())
    documents += [normal(_document(iam, arn)) for arn in _attached(iam, kind, name)]
    return [statement for document in documents for statement in document["Statement"]]


def _inline(iam, kind, name):
    who = {f"{kind.title()}Name": name}
    names = getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]
    get = getattr(iam, f"get_{kind}_policy")
    return {each: normal(get(PolicyName=each, **who)["PolicyDocument"]) for each in names}


def _attached(iam, kind, name):
    answer = getattr(iam, f"list_attached_{kind}_policies")(**{f"{kind.title()}Name": name})
    return sorted(policy["PolicyArn"] for policy in answer["AttachedPolicies"])


def _document(iam, arn):
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
