# A role for sign-in links that are handed to a colleague. Its sessions have to be named after the
# guest, and lead no further.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_partition" "current" {}

# No MFA condition: a role's session, from which links are made, need not carry its MFA on.
resource "aws_iam_role" "role" {
  name                 = var.role_name
  max_session_duration = var.max_session_duration
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "NamedAfterGuest"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.principal_arn]
    }

    condition {
      test     = "StringLike"
      variable = "sts:RoleSessionName"
      values   = [var.session_name]
    }
  }
}

resource "aws_iam_role_policy_attachment" "role" {
  role       = aws_iam_role.role.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${var.managed_policy}"
}

# A role that names this one in its trust policy would otherwise be open to guests.
resource "aws_iam_role_policy" "no_further" {
  name   = "no-further"
  role   = aws_iam_role.role.name
  policy = data.aws_iam_policy_document.no_further.json
}

data "aws_iam_policy_document" "no_further" {
  statement {
    sid       = "NoFurther"
    effect    = "Deny"
    actions   = ["sts:AssumeRole"]
    resources = ["*"]
  }
}
