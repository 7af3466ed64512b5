# A check warns in each plan and apply, also if the host is unreachable or has no such job, and stops neither. Terraform reads it
# again during the apply, so plan -detailed-exitcode always returns 2.
check "nightly_payload_is_healthy" {
  data "bits_job" "nightly" {
    host         = "web01.corp.example"
    display_name = "nightly payload"
  }

  assert {
    condition     = !contains(["error", "transient_error"], data.bits_job.nightly.bits_state)
    error_message = "The nightly payload has an error: ${try(data.bits_job.nightly.error.message, "")}."
  }
}
