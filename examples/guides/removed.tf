# For hosts that no longer exist: Terraform forgets their jobs without connecting.
removed {
  from = bits_job.payload

  lifecycle {
    destroy = false
  }
}
