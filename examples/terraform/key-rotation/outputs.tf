output "policy_arn" {
  description = "To attach to other users."
  value       = aws_iam_policy.policy.arn
}
