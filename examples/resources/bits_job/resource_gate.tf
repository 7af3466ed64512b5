# Resources that depend on this one run only when the file exists, even if the wait times out.
resource "bits_job" "installer" {
  host         = "db01.corp.example"
  display_name = "installer"

  files = [{
    remote_name = "https://dl.corp.example/setup.exe"
    local_name  = "C:\\Temp\\setup.exe"
  }]

  lifecycle {
    postcondition {
      condition     = self.state == "acknowledged"
      error_message = "The installer is not on db01 yet. Apply again to keep waiting."
    }
  }
}
