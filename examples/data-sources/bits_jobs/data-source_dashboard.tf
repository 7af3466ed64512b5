# What a fleet transfers, with a warning about failed jobs. With on_unreachable = "warn" in the provider block, hosts that are down
# are left out.
data "bits_jobs" "fleet" {
  for_each = toset(["web01.corp.example", "web02.corp.example"])

  host = each.key
}

output "transfers" {
  value = {
    for host, found in data.bits_jobs.fleet : host => [
      for job in found.jobs : "${job.display_name}: ${job.bits_state}, ${coalesce(job.percent, 0)} %, ${job.priority}"
    ]
  }
}

check "no_job_has_failed" {
  assert {
    condition = alltrue(flatten([for found in data.bits_jobs.fleet : [for job in found.jobs : job.state != "error"]]))
    error_message = join("\n", flatten([
      for host, found in data.bits_jobs.fleet : [
        for job in found.jobs : "${host}: ${job.display_name} (${job.id}): ${job.error.message}." if job.state == "error"
      ]
    ]))
  }
}
