# The plan fails while a host still transfers one of the nightly jobs.
data "bits_jobs" "nightly" {
  for_each = toset(["web01.corp.example", "web02.corp.example"])

  host         = each.key
  display_name = "nightly *"
  owner        = "S-1-5-18" # LocalSystem, in every language

  lifecycle {
    postcondition {
      condition     = alltrue([for job in self.jobs : job.state != "pending"])
      error_message = "Nightly jobs on ${each.key} are still running: ${join(", ", [for job in self.jobs : "${job.display_name} ${coalesce(job.percent, 0)} %"])}."
    }
  }
}
