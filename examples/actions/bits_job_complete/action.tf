# terraform apply -invoke=action.bits_job_complete.payload
action "bits_job_complete" "payload" {
  config {
    host         = "web01.corp.example"
    display_name = "nightly payload"
  }
}
