# An IAM user, and a role that the user assumes with an MFA code. Its sessions carry the user's name
# and last up to 12 hours.
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

  # The key and the MFA device are made beside Terraform, and would keep it from deleting the user.
  force_destroy = true
}

resource "aws_iam_role" "role" {
  name                 = var.role_name
  max_session_duration = var.max_session_duration
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "UserWithMfa"
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

    # CloudTrail shows the session's name; nobody can choose a colleague's.
    condition {
      test     = "StringEquals"
      variable = "sts:RoleSessionName"
      values   = [var.user_name]
    }
  }
}

resource "aws_iam_role_policy_attachment" "role" {
  role       = aws_iam_role.role.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${var.managed_policy}"
}

# All that the user's own key may do. GetCallerIdentity and GetSessionToken need no permission.
resource "aws_iam_user_policy" "assume_role" {
  name   = "assume-role"
  user   = aws_iam_user.user.name
  policy = data.aws_iam_policy_document.assume_role.json
}

data "aws_iam_policy_document" "assume_role" {
  statement {
    sid       = "AssumeRole"
    actions   = ["sts:AssumeRole"]
    resources = [aws_iam_role.role.arn]
  }
}
