# terraform apply -invoke=action.bits_job_resume.retry
action "bits_job_resume" "retry" {
  config {
    host         = "web01.corp.example"
    display_name = "nightly payload"
  }
}
