variable "user_name" {
  description = "Name of the IAM user who may assume the role. It must exist, have no path, and is the source identity."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{2,64}$", var.user_name))
    error_message = "Must be 2 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "role_name" {
  description = "Name of the role to create."
  type        = string
  default     = "daypass-strict"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "Must be 1 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "external_id" {
  description = "The external id that every session has to name. Not a secret."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "Must be 2 to 1224 letters, digits or any of _+=,.@:/-."
  }
}

variable "projects" {
  description = "The values that the session tag \"project\" may have."
  type        = list(string)
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
