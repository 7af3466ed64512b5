# The same file for many hosts. This apply starts the transfers, and a later one completes those that are done.
resource "bits_job" "image" {
  for_each = toset(["web01.corp.example", "web02.corp.example", "web03.corp.example"])

  host         = each.key
  display_name = "base image"
  description  = "staged by the platform team"
  priority     = "low"

  wait_for_transfer = false

  files = [{
    remote_name = "https://dl.corp.example/images/base.vhdx"
    local_name  = "D:\\Images\\base.vhdx"
  }]
}
