# A renamed resource keeps its job. Nothing is sent to the host.
moved {
  from = bits_job.payload
  to   = bits_job.nightly
}

resource "bits_job" "nightly" {
  host         = "web01.corp.example"
  display_name = "nightly payload"

  files = [{
    remote_name = "https://dl.corp.example/nightly/payload.cab"
    local_name  = "C:\\ProgramData\\Acme\\payload.cab"
  }]
}
