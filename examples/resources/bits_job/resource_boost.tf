# terraform apply -var urgent=true raises the priority of the running job, which keeps what it has transferred.
variable "urgent" {
  type    = bool
  default = false
}

resource "bits_job" "patch" {
  host         = "web01.corp.example"
  display_name = "monthly patch"
  priority     = var.urgent ? "foreground" : "low" # low: with idle bandwidth only

  wait_for_transfer = false

  files = [{
    remote_name = "https://dl.corp.example/patches/2026-11.msu"
    local_name  = "C:\\ProgramData\\Acme\\patches\\2026-11.msu"
  }]
}
