# Ephemeral secrets are not stored in plan or state. To send new ones, raise the version.
variable "token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "proxy_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "bits_job" "licensed" {
  host         = "web01.corp.example"
  display_name = "licensed payload"

  files = [{
    remote_name = "https://dl.partner.example/payload.cab"
    local_name  = "C:\\Program Files\\Acme\\in\\payload.cab"
  }]

  minimum_retry_delay = "2m"
  no_progress_timeout = "24h"

  custom_headers_wo         = { Authorization = "Bearer ${var.token}" }
  custom_headers_wo_version = 1
  security_flags            = ["redirect_policy_disallow"] # a redirect could send the token to another server

  proxy = {
    usage               = "override"
    list                = ["http://proxy.corp.example:3128"]
    bypass_list         = ["*.corp.example"]
    scheme              = "ntlm"
    username            = "CORP\\svc-proxy"
    password_wo         = var.proxy_password
    password_wo_version = 1
  }
}
