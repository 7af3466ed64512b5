variable "bits_password" {
  type      = string
  sensitive = true
}

variable "dmz_password" {
  type      = string
  sensitive = true
}

# hosts has the settings of hosts that differ.
provider "bits" {
  username     = "CORP\\svc-bits"
  password     = var.bits_password
  ca_file      = "/etc/pki/corp-ca.pem"
  max_sessions = 50

  hosts = {
    # Connect by address. The certificate is for the name.
    "web01.corp.example" = { address = "10.20.0.11" }

    # No https listener: NTLM encrypts every message.
    build-7 = { address = "build-7.corp.example", https = false }

    # Not in the domain, with its own account.
    dmz = { address = "dmz01.example.net", port = 15986, username = "svc-bits", password = var.dmz_password }
  }
}
