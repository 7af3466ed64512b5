# terraform apply -invoke=action.bits_job_wait.payload
action "bits_job_wait" "payload" {
  config {
    host         = "web01.corp.example"
    display_name = "nightly payload"
    timeout      = "30m"
  }
}
