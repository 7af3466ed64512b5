terraform {
  required_providers {
    bits = {
      source = "winrmbits/bits"
    }
  }
}

provider "bits" {
  username = "Administrator"
  https    = false # NTLM encrypts every message; use https once the host has a listener for it
}

resource "bits_job" "payload" {
  host         = "web01.corp.example"
  display_name = "nightly payload"
  priority     = "high" # foreground | high | normal | low

  files = [{
    remote_name = "https://dl.corp.example/nightly/payload.cab"
    local_name  = "C:\\ProgramData\\Acme\\payload.cab"
  }]
}

output "payload" {
  value = "${bits_job.payload.state} at ${coalesce(bits_job.payload.completed_at, "-")}"
}
