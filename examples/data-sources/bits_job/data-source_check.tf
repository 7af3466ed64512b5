# A check warns in each plan and apply, and stops neither: also when the host can't be reached or BITS lists no such job. Terraform reads
# the data source of a check again during the apply, so that plan -detailed-exitcode always ends with 2.
check "nightly_payload_gets_on" {
  data "bits_job" "nightly" {
    host         = "web01.corp.example"
    display_name = "nightly payload"
  }

  assert {
    condition     = !contains(["error", "transient_error"], data.bits_job.nightly.bits_state)
    error_message = "The nightly payload does not get on: ${try(data.bits_job.nightly.error.message, "")}."
  }
}
