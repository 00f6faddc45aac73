"""What a Terraform example would make, worked out from its text: no Terraform, no provider.

Knows references and string templates, which is all that the examples use. More is an error.
"""

import re

import hcl2

from policy import normal

PLAIN = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False)
ARGUMENTS = {
    "assume_role_policy",
    "description",
    "force_destroy",
    "max_session_duration",
    "name",
    "policy",
    "policy_arn",
    "recovery_window_in_days",
    "role",
    "user",
}


class Module:
    """A folder of Terraform files, with values for its variables."""

    def __init__(self, folder, partition, account, secret_arn, arguments):
        files = [path.read_text() for path in sorted(folder.glob("*.tf"))]
        parsed = [hcl2.loads(file, serialization_options=PLAIN) for file in files]
        self.blocks = [block for file in parsed for block in _blocks(file)]
        self.partition, self.account, self.secret_arn = partition, account, secret_arn
        self.variables = {name: body for kind, name, body in self.blocks if kind == "variable"}
        defaults = {k: body["default"] for k, body in self.variables.items() if "default" in body}
        self.arguments = {k: self.value(v) for k, v in defaults.items()} | arguments
        assert self.arguments.keys() == self.variables.keys()

    def outputs(self):
        """The outputs' values."""
        outputs = {name: body for kind, name, body in self.blocks if kind == "output"}
        return {name: self.value(body["value"]) for name, body in outputs.items()}

    def account_afterwards(self):
        """The same value that `account.read` gives."""
        made = {"users": {}, "roles": {}, "policies": {}, "secrets": {}}
        handlers = {
            "aws_iam_user": self._user,
            "aws_iam_role": self._role,
            "aws_iam_policy": self._policy,
            "aws_iam_user_policy": self._inline,
            "aws_iam_role_policy": self._inline,
            "aws_iam_user_policy_attachment": self._attach,
            "aws_iam_role_policy_attachment": self._attach,
            "aws_secretsmanager_secret": self._secret,
        }
        for kind, address, body in self.blocks:
            if kind == "resource":
                assert body.keys() <= ARGUMENTS, f"arguments that this does not know: {address}"
                handlers[address.split(".")[0]](made, {k: self.value(v) for k, v in body.items()})
        return made

    def value(self, expression):
        """An expression's value: python-hcl2 keeps a text's quotes, and puts others into `${}`."""
        if isinstance(expression, list):
            return [self.value(each) for each in expression]
        if not isinstance(expression, str):
            return expression
        if expression.startswith('"'):
            text = expression[1:-1].replace('\\"', '"')
            return re.sub(r"\$\{(.+?)\}", lambda found: self._reference(found[1]), text)
        return self._reference(expression.removeprefix("${").removesuffix("}"))

    def _reference(self, path):
        match path.split("."):
            case ["var", name]:
                return self.arguments[name]
            case ["data", "aws_partition", _, "partition"]:
                return self.partition
            case ["data", "aws_caller_identity", _, "account_id"]:
                return self.account
            case ["data", "aws_iam_policy_document", name, "json"]:
                return self._document(self._block("data", f"aws_iam_policy_document.{name}"))
            case [("aws_iam_user" | "aws_iam_role") as kind, name, "name"]:
                return self.value(self._block("resource", f"{kind}.{name}")["name"])
            case [("aws_iam_user" | "aws_iam_role" | "aws_iam_policy") as kind, name, "arn"]:
                physical = self.value(self._block("resource", f"{kind}.{name}")["name"])
                thing = kind.removeprefix("aws_iam_")
                return f"arn:{self.partition}:iam::{self.account}:{thing}/{physical}"
            case ["aws_secretsmanager_secret", name, "arn"]:
                secret = self._block("resource", f"aws_secretsmanager_secret.{name}")
                return self.secret_arn(self.value(secret["name"]))
        raise AssertionError(f"an expression that this does not know: {path}")

    def _block(self, kind, address):
        [body] = [body for *key, body in self.blocks if key == [kind, address]]
        return body

    def _document(self, body):
        """What the data source aws_iam_policy_document makes of its blocks."""
        assert body.keys() == {"statement"}
        statements = [self._statement(each) for each in body["statement"]]
        return normal({"Version": "2012-10-17", "Statement": statements})

    def _statement(self, block):
        elements = {
            "sid": "Sid",
            "effect": "Effect",
            "actions": "Action",
            "not_actions": "NotAction",
            "resources": "Resource",
        }
        statement = {"Effect": "Allow"}
        for name, content in block.items():
            match name:
                case "principals":
                    [who] = content
                    kind, ids = self.value(who["type"]), self.value(who["identifiers"])
                    statement["Principal"] = {kind: ids}
                case "condition":
                    statement["Condition"] = self._conditions(content)
                case _:
                    statement[elements[name]] = _variables(self.value(content))
        return statement

    def _conditions(self, blocks):
        conditions = {}
        for block in blocks:
            test, key, values = (self.value(block[each]) for each in ("test", "variable", "values"))
            keys = conditions.setdefault(test, {})
            assert key not in keys
            keys[key] = _variables(values)
        return conditions

    def _user(self, made, body):
        made["users"].setdefault(body["name"], _nothing())

    def _role(self, made, body):
        role = made["roles"].setdefault(body["name"], _nothing())
        role["trust"] = body["assume_role_policy"]
        role["max_session_duration"] = body.get("max_session_duration", 3600)

    def _policy(self, made, body):
        made["policies"][body["name"]] = body["policy"]

    def _inline(self, made, body):
        _holder(made, body)["inline"][body["name"]] = body["policy"]

    def _attach(self, made, body):
        attached = _holder(made, body)["attached"]
        attached.append(body["policy_arn"])
        attached.sort()

    def _secret(self, made, body):
        made["secrets"][body["name"]] = body["description"]


def _blocks(file):
    """(kind, address, body) of each block."""
    for kind in ("variable", "output"):
        for labelled in file.get(kind, []):
            for name, body in labelled.items():
                yield kind, _bare(name), body
    for kind in ("resource", "data"):
        for labelled in file.get(kind, []):
            for type_, named in labelled.items():
                for name, body in named.items():
                    yield kind, f"{_bare(type_)}.{_bare(name)}", body


def _bare(label):
    return label.strip('"')


def _nothing():
    return {"inline": {}, "attached": []}


def _holder(made, body):
    kind = "user" if "user" in body else "role"
    return made[f"{kind}s"].setdefault(body[kind], _nothing())


def _variables(value):
    """The provider's `&{...}`, which it writes as `${...}`."""
    if isinstance(value, list):
        return [_variables(each) for each in value]
    return value.replace("&{", "${") if isinstance(value, str) else value
