# terraform apply -invoke=action.bits_job_set_priority.boost
action "bits_job_set_priority" "boost" {
  config {
    host         = "web01.corp.example"
    display_name = "nightly payload"
    priority     = "foreground"
  }
}
