# Requires Windows Server 2022 or later. A method other than GET requires priority = "foreground".
resource "bits_job" "report" {
  host         = "web01.corp.example"
  display_name = "report of the day"
  priority     = "foreground"
  http_method  = "POST"

  security_flags = ["enable_crl_check", "redirect_policy_disallow"]

  # LocalSystem, which owns the job, uses certificates of the computer.
  client_certificate = {
    store_location = "local_machine"
    store_name     = "MY"
    thumbprint     = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"
  }

  files = [{
    remote_name = "https://reports.corp.example/daily"
    local_name  = "C:\\ProgramData\\Acme\\daily.csv"
  }]
}
