variable "user_name" {
  description = "Name of the IAM user to create. Its role sessions have the same name, so AWS wants 2 letters or more."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{2,64}$", var.user_name))
    error_message = "Must be 2 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "role_name" {
  description = "Name of the role to create."
  type        = string
  default     = "daypass-named-session"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "Must be 1 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "managed_policy" {
  description = "The AWS managed policy that says what the role may do, as its ARN has it after \"policy/\"."
  type        = string
  default     = "job-function/ViewOnlyAccess"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@/-]+$", var.managed_policy))
    error_message = "Must be the name of a managed policy, such as job-function/ViewOnlyAccess."
  }
}

variable "max_session_duration" {
  description = "The longest session of the role, in seconds."
  type        = number
  default     = 43200

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "Must be 3600 to 43200 seconds."
  }
}
