output "role_arn" {
  description = "The role that reads the bucket."
  value       = aws_iam_role.role.arn
}

output "publish_role_arn" {
  description = "The role that writes the secret."
  value       = aws_iam_role.publish_role.arn
}

output "secret_arn" {
  description = "For \"daypass publish --secret-id\", and for the application."
  value       = aws_secretsmanager_secret.secret.arn
}

output "subscribe_policy_arn" {
  description = "For what the application runs as."
  value       = aws_iam_policy.subscribe_policy.arn
}
