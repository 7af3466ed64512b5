# Over http, port 5985: NTLM seals every message, and what is not sealed is an error. User name and password come from
# BITS_USERNAME and BITS_PASSWORD.
provider "bits" {
  https = false
  auth  = "ntlm"
}
