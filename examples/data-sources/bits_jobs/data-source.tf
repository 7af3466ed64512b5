# Failed jobs of the host, of all users.
data "bits_jobs" "failed" {
  host  = "web01.corp.example"
  state = "error"
}

output "failed" {
  value = {
    for job in data.bits_jobs.failed.jobs :
    job.id => "${job.display_name}: ${job.error.message}"
  }
}
