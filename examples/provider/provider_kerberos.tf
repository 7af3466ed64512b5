# A keytab instead of a password.
provider "bits" {
  auth     = "kerberos"
  username = "svc-bits"
  ca_file  = "/etc/pki/corp-ca.pem"

  kerberos = {
    realm  = "CORP.EXAMPLE"
    kdc    = "dc01.corp.example"
    keytab = "/run/secrets/svc-bits.keytab"
  }
}
