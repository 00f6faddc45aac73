variable "user_name" {
  description = "Name of the IAM user who may assume the roles. It must exist, and have no path."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{2,64}$", var.user_name))
    error_message = "Must be 2 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "bucket_name" {
  description = "Name of the bucket to read."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "Must be the name of a bucket, without s3:// and without a path."
  }
}

variable "role_name" {
  description = "Name of the role that reads the bucket. The role that writes the secret is called the same with \"-publish\" after it, the policy that reads it with \"-subscribe\"."
  type        = string
  default     = "daypass-bucket-access"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,54}$", var.role_name))
    error_message = "Must be 1 to 54 letters, digits or any of _+=,.@-."
  }
}

variable "secret_name" {
  description = "Name of the secret to create."
  type        = string
  default     = "daypass/bucket-access"

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.secret_name))
    error_message = "Must be 1 to 512 letters, digits or any of /_+=.@-."
  }
}

variable "max_session_duration" {
  description = "The longest session of the role that reads the bucket, in seconds."
  type        = number
  default     = 43200

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "Must be 3600 to 43200 seconds."
  }
}
