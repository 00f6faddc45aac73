# What "daypass identity rotate" needs, and nothing more. Users may replace their own access keys once
# they have typed an MFA code.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_iam_policy" "policy" {
  name   = var.policy_name
  policy = data.aws_iam_policy_document.policy.json
}

# &{...} is the provider's way to write a policy variable, which AWS fills in.
data "aws_iam_policy_document" "policy" {
  # The second resource is for users with a path. A name is unique in its account whatever the path,
  # so it opens nobody else's keys.
  statement {
    sid = "RotateOwnKeysWithMfa"
    actions = [
      "iam:CreateAccessKey",
      "iam:DeleteAccessKey",
      "iam:ListAccessKeys",
      "iam:UpdateAccessKey",
    ]
    resources = [
      "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:user/&{aws:username}",
      "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:user/*/&{aws:username}",
    ]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_user_policy_attachment" "policy" {
  user       = var.user_name
  policy_arn = aws_iam_policy.policy.arn
}
