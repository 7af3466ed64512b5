# URLs with signatures are others at every plan. A live job whose URLs change is replaced, so the URLs are ignored, and what
# the file is stands in triggers: another version makes a new job, with the URL of that day.
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
