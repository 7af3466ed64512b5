terraform {
  required_providers {
    bits = {
      source = "winrmbits/bits"
    }
  }
}

variable "bits_password" {
  type      = string
  sensitive = true
}

# One block serves any number of hosts: bits_job says on which of them a job lives. It logs on by NTLM inside TLS.
provider "bits" {
  username = "CORP\\svc-bits"
  password = var.bits_password # or BITS_PASSWORD in the environment
  ca_file  = "/etc/pki/corp-ca.pem"
}
