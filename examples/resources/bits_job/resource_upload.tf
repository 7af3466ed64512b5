# An upload goes to an IIS server with the BITS extension, whose virtual directory must allow uploads.
resource "bits_job" "reports" {
  host          = "web01.corp.example"
  display_name  = "reports of web01"
  transfer_type = "upload"
  priority      = "low"

  files = [{
    remote_name = "https://drop.corp.example/reports/web01.zip"
    local_name  = "C:\\ProgramData\\Acme\\reports\\web01.zip"
  }]
}
