"""IAM's policy language, as far as the examples use it: one form per meaning, and the decision.

From the IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements". What is not known
here is an error, never an answer.
"""

import re

LISTS = ("Action", "NotAction", "Resource")
ELEMENTS = {"Sid", "Effect", "Principal", "Condition", *LISTS}


def normal(document):
    """The same policy with lists wherever IAM takes one, in an order that means nothing."""
    return {
        "Version": document["Version"],
        "Statement": [_normal_statement(each) for each in _many(document["Statement"])],
    }


def allows(statements, action, resource=None, context=None, principal=None):
    """Whether something allows it and nothing denies it.

    A trust policy has no resource, and an identity's policy no principal.
    """
    request = (action, resource, context or {}, principal)
    applying = [each["Effect"] for each in statements if _applies(each, *request)]
    return "Allow" in applying and "Deny" not in applying


def _normal_statement(statement):
    unknown = statement.keys() - ELEMENTS
    assert not unknown, f"elements that this does not know: {unknown}"
    result = dict(statement)
    for element in LISTS:
        if element in statement:
            result[element] = sorted(_many(statement[element]))
    if "Principal" in statement:
        result["Principal"] = {k: sorted(_many(v)) for k, v in statement["Principal"].items()}
    if "Condition" in statement:
        result["Condition"] = {
            operator: {key: sorted(map(str, _many(values))) for key, values in keys.items()}
            for operator, keys in statement["Condition"].items()
        }
    return result


def _many(value):
    return value if isinstance(value, list) else [value]


def _applies(statement, action, resource, context, principal):
    if "Action" in statement and not _any_action(statement["Action"], action):
        return False
    if "NotAction" in statement and _any_action(statement["NotAction"], action):
        return False
    if resource is not None and not _any_like(
        [_filled(pattern, context) for pattern in statement["Resource"]], resource
    ):
        return False
    if principal is not None and principal not in statement["Principal"]["AWS"]:
        return False
    return all(
        _holds(operator, context.get(key), [_filled(value, context) for value in values])
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _holds(operator, actual, values):
    if operator.startswith("ForAllValues:"):
        one = operator.removeprefix("ForAllValues:")
        return all(_holds(one, each, values) for each in actual or [])
    if actual is None:
        return operator.endswith("IfExists")
    match operator.removesuffix("IfExists"):
        case "Bool" | "StringEquals":
            return actual in values
        case "StringLike":
            return _any_like(values, actual)
        case "NumericLessThan":
            return any(int(actual) < int(value) for value in values)
    raise AssertionError(f"an operator that this does not know: {operator}")


def _filled(text, context):
    """Policy variables; one without a value matches nothing."""
    return re.sub(r"\$\{(.+?)\}", lambda found: context.get(found[1], "\0"), text)


def _any_action(patterns, action):
    """Actions are not case-sensitive."""
    return _any_like([pattern.lower() for pattern in patterns], action.lower())


def _any_like(patterns, text):
    """IAM's wildcards."""
    expressions = (re.escape(each).replace(r"\*", ".*").replace(r"\?", ".") for each in patterns)
    return any(re.fullmatch(expression, text, re.DOTALL) for expression in expressions)
