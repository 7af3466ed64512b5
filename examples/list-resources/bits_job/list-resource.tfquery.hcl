# fleet.tfquery.hcl, next to the configuration, whose provider block it uses
list "bits_job" "failed" {
  provider = bits

  config {
    hosts = ["web01.corp.example", "web02.corp.example", "web03.corp.example"]
    state = "error"
  }
}
