# Progress of a job of another program.
data "bits_job" "update" {
  host         = "web01.corp.example"
  display_name = "nightly payload"
}

output "progress" {
  value = "${data.bits_job.update.bits_state}, ${coalesce(data.bits_job.update.percent, 0)} %"
}
