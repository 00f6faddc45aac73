# An IAM user whose key may do nothing but set up its MFA device until a code was typed, and a role
# for scripts that accepts the MFA session for as long as its code is fresh.
#
# No access key is made here: its secret would stay in Terraform's state in plain text. The README
# has the command that makes one and hands it to Daypass without storing it anywhere else.

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

resource "aws_iam_user" "user" {
  name = var.user_name

  # The key and the MFA devices are made beside Terraform, and would keep it from deleting the user.
  force_destroy = true
}

# An hour is all that AWS gives a session made from an MFA session, so the role's maximum is left at
# its default, one hour.
resource "aws_iam_role" "role" {
  name               = var.role_name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "UserWithFreshMfa"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.user.arn]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = [var.mfa_max_age]
    }
  }
}

resource "aws_iam_role_policy_attachment" "role" {
  role       = aws_iam_role.role.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${var.managed_policy}"
}

resource "aws_iam_user_policy" "user_policy" {
  name   = "mfa-session"
  user   = aws_iam_user.user.name
  policy = data.aws_iam_policy_document.user_policy.json
}

data "aws_iam_policy_document" "user_policy" {
  statement {
    sid       = "AssumeRole"
    actions   = ["sts:AssumeRole"]
    resources = [aws_iam_role.role.arn]
  }

  statement {
    sid = "SetUpOwnMfa"
    actions = [
      "iam:EnableMFADevice",
      "iam:GetUser",
      "iam:ListMFADevices",
      "iam:ResyncMFADevice",
    ]
    resources = [aws_iam_user.user.arn]
  }

  # One name and no wildcard. AWS takes up to eight devices per user, so whoever stole the key could
  # otherwise register a device of their own and pass for the user with it.
  statement {
    sid       = "CreateFirstMfaDevice"
    actions   = ["iam:CreateVirtualMFADevice"]
    resources = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:mfa/${var.user_name}"]
  }

  statement {
    sid = "ManageOwnMfaDevicesWithMfa"
    actions = [
      "iam:CreateVirtualMFADevice",
      "iam:DeleteVirtualMFADevice",
    ]
    resources = [
      "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:mfa/${var.user_name}",
      "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:mfa/${var.user_name}/*",
    ]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }

  statement {
    sid       = "DeactivateOwnMfaWithMfa"
    actions   = ["iam:DeactivateMFADevice"]
    resources = [aws_iam_user.user.arn]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }

  # Whatever else the user is ever allowed needs a code too. BoolIfExists, because a long-lived
  # key's requests do not have the key at all. GetFederationToken knows no MFA, so its sessions may
  # do nothing either.
  statement {
    sid    = "NothingElseWithoutMfa"
    effect = "Deny"
    not_actions = [
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:GetUser",
      "iam:ListMFADevices",
      "iam:ResyncMFADevice",
      "sts:GetSessionToken",
    ]
    resources = ["*"]

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}
