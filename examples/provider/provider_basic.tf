# For a lab: a local account, and a single trusted certificate.
provider "bits" {
  host            = "lab01"
  auth            = "basic"
  username        = "svc-bits"
  tls_fingerprint = "5B:0A:9F:4E:11:63:77:8C:2D:90:BB:0E:F1:4A:C5:38:6E:27:D4:19:80:AF:3C:52:E6:71:0D:9B:44:F8:CA:13"
}
