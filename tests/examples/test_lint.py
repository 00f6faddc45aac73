"""cfn-lint finds nothing, not even a remark, for the regions of three partitions."""

import pytest
from cfnlint.api import ManualArgs, lint_file

from stacks import ARGUMENTS, EXAMPLES, REGIONS, TEMPLATES

STRICT = ManualArgs(include_checks=["I", "W", "E"], regions=[*REGIONS, "us-gov-west-1"])


def test_every_template_is_tested():
    assert TEMPLATES.keys() == ARGUMENTS.keys()
    assert {path.parent.name for path in EXAMPLES.glob("terraform/*/main.tf")} == ARGUMENTS.keys()


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_finds_nothing(name):
    assert [str(match) for match in lint_file(TEMPLATES[name], config=STRICT)] == []


def test_cfn_lint_finds_what_is_wrong(tmp_path):
    right = TEMPLATES["key-rotation"].read_text()
    path = tmp_path / "wrong.yaml"
    path.write_text(right.replace("iam:CreateAccessKey", "iam:MakeAccessKey"))
    assert [match.rule.id for match in lint_file(path, config=STRICT)] == ["W3037"]
