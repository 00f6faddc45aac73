variable "principal_arn" {
  description = "ARN of the role or user whose session makes the links. It must exist in this account; being named here, it needs no permission besides."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", var.principal_arn))
    error_message = "Must be the ARN of a role or a user, such as arn:aws:iam::111122223333:role/Admin."
  }
}

variable "role_name" {
  description = "Name of the role to create."
  type        = string
  default     = "daypass-guest"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "Must be 1 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "session_name" {
  description = "What the sessions must be called, with * for any text. The console and CloudTrail show the name."
  type        = string
  default     = "guest-*"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@*-]{2,64}$", var.session_name))
    error_message = "Must be 2 to 64 letters, digits or any of _+=,.@-*."
  }
}

variable "managed_policy" {
  description = "The AWS managed policy that says what a guest may do, as its ARN has it after \"policy/\"."
  type        = string
  default     = "CloudWatchReadOnlyAccess"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@/-]+$", var.managed_policy))
    error_message = "Must be the name of a managed policy, such as job-function/ViewOnlyAccess."
  }
}

variable "max_session_duration" {
  description = "The longest session of the role, in seconds. More than an hour is of use only to a user: AWS holds sessions that are made from a role's session to one."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "Must be 3600 to 43200 seconds."
  }
}
