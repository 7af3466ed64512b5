# Apply waits for the transfer. When it returns, the file is on the host.
resource "bits_job" "payload" {
  host         = "web01.corp.example"
  display_name = "nightly payload"
  priority     = "high" # foreground | high | normal | low

  files = [{
    remote_name = "https://dl.corp.example/nightly/payload.cab"
    local_name  = "C:\\ProgramData\\Acme\\payload.cab"
  }]
}
