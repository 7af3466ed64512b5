# A gate for maintenance: the plan fails while a host of the fleet still transfers a file of the nightly jobs.
data "bits_jobs" "nightly" {
  for_each = toset(["web01.corp.example", "web02.corp.example"])

  host         = each.key
  display_name = "nightly *"
  owner        = "S-1-5-18" # LocalSystem, in every language

  lifecycle {
    postcondition {
      condition     = alltrue([for job in self.jobs : job.state != "pending"])
      error_message = "The nightly jobs on ${each.key} are not done: ${join(", ", [for job in self.jobs : "${job.display_name} ${coalesce(job.percent, 0)} %"])}."
    }
  }
}
