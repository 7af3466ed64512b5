variable "bits_password" {
  type      = string
  sensitive = true
}

variable "dmz_password" {
  type      = string
  sensitive = true
}

# Most hosts are alike, and some are not: what differs stands in hosts, by the names that bits_job uses.
provider "bits" {
  username     = "CORP\\svc-bits"
  password     = var.bits_password
  ca_file      = "/etc/pki/corp-ca.pem"
  max_sessions = 50

  hosts = {
    # Dialled by address; its certificate is for the key. The address may change without replacing jobs.
    "web01.corp.example" = { address = "10.20.0.11" }

    # Has no https listener: NTLM seals every message.
    build-7 = { address = "build-7.corp.example", https = false }

    # Is in no domain, and has a credential of its own.
    dmz = { address = "dmz01.example.net", port = 15986, username = "svc-bits", password = var.dmz_password }
  }
}
