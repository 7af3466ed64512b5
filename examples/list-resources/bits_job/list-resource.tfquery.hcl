# In a file such as fleet.tfquery.hcl, beside the configuration. The provider block and its credential are those of the configuration.
list "bits_job" "failed" {
  provider = bits

  config {
    hosts = ["web01.corp.example", "web02.corp.example", "web03.corp.example"]
    state = "error"
  }
}
