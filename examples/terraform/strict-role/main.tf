# A role that asks of every session who is behind it (source identity), on whose behalf (external id)
# and for which project (a session tag).

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

resource "aws_iam_role" "role" {
  name               = var.role_name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

# Three actions in one call, and AWS wants each of them allowed: by the role here, and by the user's
# own policy below.
data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "UserWithEverything"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:user/${var.user_name}"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:SourceIdentity"
      values   = [var.user_name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/project"
      values   = var.projects
    }
  }

  statement {
    sid     = "OwnSourceIdentity"
    actions = ["sts:SetSourceIdentity"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:user/${var.user_name}"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:SourceIdentity"
      values   = [var.user_name]
    }
  }

  statement {
    sid     = "NoOtherTag"
    actions = ["sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:user/${var.user_name}"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/project"
      values   = var.projects
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["project"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "role" {
  role       = aws_iam_role.role.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${var.managed_policy}"
}

resource "aws_iam_user_policy" "assume_role" {
  name   = "assume-${var.role_name}"
  user   = var.user_name
  policy = data.aws_iam_policy_document.assume_role.json
}

data "aws_iam_policy_document" "assume_role" {
  statement {
    sid = "AssumeRole"
    actions = [
      "sts:AssumeRole",
      "sts:SetSourceIdentity",
      "sts:TagSession",
    ]
    resources = [aws_iam_role.role.arn]
  }
}
