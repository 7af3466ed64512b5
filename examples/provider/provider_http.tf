# Port 5985. NTLM encrypts every message. User name and password come from BITS_USERNAME and BITS_PASSWORD.
provider "bits" {
  https = false
  auth  = "ntlm"
}
