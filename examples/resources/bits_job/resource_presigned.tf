# Presigned URLs change on every plan: ignore files, and change a value in triggers for a new version.
variable "payload_url" {
  type      = string # such as https://bucket.s3.example/payload.cab?X-Amz-Expires=86400&X-Amz-Signature=...
  sensitive = true
}

variable "payload_version" {
  type = string
}

resource "bits_job" "presigned" {
  host         = "web01.corp.example"
  display_name = "payload ${var.payload_version}"
  dynamic      = true # S3 rejects HEAD, which BITS sends otherwise; requires Windows Server 2022 or later
  priority     = "foreground"

  files = [{
    remote_name = var.payload_url
    local_name  = "C:\\ProgramData\\Acme\\payload.cab"
  }]

  triggers = {
    version = var.payload_version
  }

  lifecycle {
    ignore_changes = [files]
  }
}
