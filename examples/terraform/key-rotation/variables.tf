variable "user_name" {
  description = "Name of the IAM user to attach the policy to. It must exist."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{2,64}$", var.user_name))
    error_message = "Must be 2 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "policy_name" {
  description = "Name of the policy to create. It fits any user, so attach it to others too."
  type        = string
  default     = "daypass-key-rotation"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,128}$", var.policy_name))
    error_message = "Must be 1 to 128 letters, digits or any of _+=,.@-."
  }
}
