output "role_arn" {
  description = "For \"daypass role add --arn\"."
  value       = aws_iam_role.role.arn
}
