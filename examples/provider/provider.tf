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

# Logs on with NTLM over https. Each bits_job sets its host.
provider "bits" {
  username = "CORP\\svc-bits"
  password = var.bits_password # or BITS_PASSWORD in the environment
  ca_file  = "/etc/pki/corp-ca.pem"
}
