variable "client_cert" {
  type = string
}

variable "client_key" {
  type      = string
  sensitive = true
}

# The hosts map the certificate to a local account.
provider "bits" {
  auth        = "certificate"
  client_cert = var.client_cert
  client_key  = var.client_key # or BITS_CLIENT_KEY in the environment
  ca_file     = "/etc/pki/corp-ca.pem"
}
