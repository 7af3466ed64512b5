# How a job speaks HTTP. These attributes need the BitsTransfer module of Windows Server 2022 or later on the host; a method
# other than GET needs priority = "foreground", and BITS asks for no size with it.
resource "bits_job" "report" {
  host         = "web01.corp.example"
  display_name = "report of the day"
  priority     = "foreground"
  http_method  = "POST"

  security_flags = ["enable_crl_check", "redirect_policy_disallow"]

  # of the machine, because the job belongs to LocalSystem, who has no store of its own
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
