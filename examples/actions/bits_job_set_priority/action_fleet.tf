# All nightly jobs of a fleet that are still running: terraform apply -invoke=action.bits_job_set_priority.fleet
data "bits_jobs" "nightly" {
  for_each = toset(["web01.corp.example", "web02.corp.example"])

  host         = each.key
  display_name = "nightly *"
  state        = "pending"
}

action "bits_job_set_priority" "fleet" {
  for_each = merge([for found in data.bits_jobs.nightly : { for job in found.jobs : job.id => found.host }]...)

  config {
    host     = each.value
    id       = each.key
    priority = "foreground"
  }
}
