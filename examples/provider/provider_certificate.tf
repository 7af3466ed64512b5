variable "client_cert" {
  type = string
}

variable "client_key" {
  type      = string
  sensitive = true
}

# A client certificate, which the hosts map to a local account.
provider "bits" {
  auth        = "certificate"
  client_cert = var.client_cert
  client_key  = var.client_key # or BITS_CLIENT_KEY in the environment
  ca_file     = "/etc/pki/corp-ca.pem"
}
