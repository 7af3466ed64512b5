variable "release" {
  type    = string
  default = "2026-11"
}

resource "bits_job" "tool" {
  host         = "web01.corp.example"
  display_name = "tool ${var.release}"

  files = [{
    remote_name = "https://dl.corp.example/tool.cab"
    local_name  = provider::bits::windows_path("C:/Program Files/Acme", var.release, "tool.cab") # C:\Program Files\Acme\2026-11\tool.cab
  }]
}
