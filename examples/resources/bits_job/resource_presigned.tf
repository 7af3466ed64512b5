# Download from a presigned URL of S3, which answers HEAD with 403. BITS asks for the size with HEAD unless the job is dynamic, and
# dynamic jobs run in foreground. The URL is another one at every plan, so it is ignored: a new version makes a new job.
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
  dynamic      = true # needs Windows Server 2022 or later
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
