# Hosts that are gone for good: Terraform forgets their jobs and connects to none of them.
removed {
  from = bits_job.payload

  lifecycle {
    destroy = false
  }
}
