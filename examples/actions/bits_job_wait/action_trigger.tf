# Start a job and show its progress in the same apply. The next apply completes it.
resource "bits_job" "payload" {
  host              = "web01.corp.example"
  display_name      = "nightly payload"
  wait_for_transfer = false

  files = [{
    remote_name = "https://dl.example/p.cab"
    local_name  = "C:\\ProgramData\\Acme\\p.cab"
  }]

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.bits_job_wait.payload]
    }
  }
}

action "bits_job_wait" "payload" {
  config {
    host = bits_job.payload.host
    id   = bits_job.payload.id
  }
}
