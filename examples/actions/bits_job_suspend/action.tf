# terraform apply -invoke=action.bits_job_suspend.pause
action "bits_job_suspend" "pause" {
  config {
    host         = "web01.corp.example"
    display_name = "nightly payload"
  }
}
