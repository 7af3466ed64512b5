# terraform apply -invoke=action.bits_job_cancel.stray
action "bits_job_cancel" "stray" {
  config {
    host = "web01.corp.example"
    id   = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
  }
}
