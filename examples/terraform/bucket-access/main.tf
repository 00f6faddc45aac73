# A role that reads one S3 bucket for a limited time, a secret for its session, a role that may write
# that secret, and a policy for the application that reads it.

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

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "UserWithMfa"
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
  }
}

resource "aws_iam_role" "role" {
  name                 = var.role_name
  max_session_duration = var.max_session_duration
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

# What the bucket's page in the console needs when a link leads straight to it. The list of all
# buckets stays closed.
resource "aws_iam_role_policy" "read_bucket" {
  name   = "read-bucket"
  role   = aws_iam_role.role.name
  policy = data.aws_iam_policy_document.read_bucket.json
}

data "aws_iam_policy_document" "read_bucket" {
  statement {
    sid = "ListBucket"
    actions = [
      "s3:GetBucketLocation",
      "s3:ListBucket",
    ]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}"]
  }

  statement {
    sid       = "ReadObjects"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}/*"]
  }
}

# Empty until the first session is published, and worth nothing once that has ended: it need not be
# recoverable.
resource "aws_secretsmanager_secret" "secret" {
  name                    = var.secret_name
  description             = "Session of ${var.role_name}, published by Daypass."
  recovery_window_in_days = 0
}

# A role of its own: the published session must not be able to overwrite itself.
resource "aws_iam_role" "publish_role" {
  name               = "${var.role_name}-publish"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "write_secret" {
  name   = "write-secret"
  role   = aws_iam_role.publish_role.name
  policy = data.aws_iam_policy_document.write_secret.json
}

data "aws_iam_policy_document" "write_secret" {
  statement {
    sid       = "WriteSecret"
    actions   = ["secretsmanager:PutSecretValue"]
    resources = [aws_secretsmanager_secret.secret.arn]
  }
}

# To attach to whatever the application runs as.
resource "aws_iam_policy" "subscribe_policy" {
  name   = "${var.role_name}-subscribe"
  policy = data.aws_iam_policy_document.subscribe_policy.json
}

data "aws_iam_policy_document" "subscribe_policy" {
  statement {
    sid       = "ReadSecret"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.secret.arn]
  }
}

resource "aws_iam_user_policy" "assume_roles" {
  name   = "assume-${var.role_name}"
  user   = var.user_name
  policy = data.aws_iam_policy_document.assume_roles.json
}

data "aws_iam_policy_document" "assume_roles" {
  statement {
    sid     = "AssumeRoles"
    actions = ["sts:AssumeRole"]
    resources = [
      aws_iam_role.role.arn,
      aws_iam_role.publish_role.arn,
    ]
  }
}
