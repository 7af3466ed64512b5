# A dependent that must not run before the files are there, even when the wait timed out.
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
      error_message = "The installer is not on db01 yet: apply again to wait on."
    }
  }
}
