# The first apply starts the transfers, and a later one completes those that are done. In between,
# terraform apply -var urgent=true raises the priority of the running jobs, which keep what they have transferred.
variable "urgent" {
  type    = bool
  default = false
}

resource "bits_job" "image" {
  for_each = toset(["web01.corp.example", "web02.corp.example", "web03.corp.example"])

  host         = each.key
  display_name = "base image"
  priority     = var.urgent ? "foreground" : "low" # low: with idle bandwidth only

  wait_for_transfer = false

  files = [{
    remote_name = "https://dl.corp.example/images/base.vhdx"
    local_name  = "D:\\Images\\base.vhdx"
  }]

  on_finished_change = "ignore" # hosts that have finished only record the new priority
}
