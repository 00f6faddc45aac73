output "role_arn" {
  description = "For \"daypass role add --arn\"."
  value       = aws_iam_role.role.arn
}

output "mfa_serial" {
  description = "The serial that the user's virtual MFA device gets when it is named like the user."
  value       = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:mfa/${var.user_name}"
}
