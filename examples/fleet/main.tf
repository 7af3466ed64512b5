# One configuration for a fleet of any size. Each run manages one shard of the hosts and has its own state, so shards run in parallel on
# separate machines.
terraform {
  required_providers {
    bits = {
      source = "winrmbits/bits"
    }
  }
}

variable "hosts_file" {
  description = "File with one host per line."
  type        = string
  default     = "hosts.txt"
}

variable "shard" {
  description = "Index of this shard, from 0."
  type        = number
}

variable "shards" {
  description = "Number of shards. A different number moves hosts to other states: destroy first, or import."
  type        = number
}

variable "files_url" {
  type    = string
  default = "https://dl.corp.example"
}

variable "release" {
  type    = string
  default = "2026.11"
}

locals {
  hosts = [for line in split("\n", file(var.hosts_file)) : trimspace(line) if trimspace(line) != ""]

  # A hash of its name assigns a host to a shard, so adding or removing a host does not move others.
  mine = toset([for host in local.hosts : host if parseint(substr(md5(lower(host)), 0, 8), 16) % var.shards == var.shard])
}

resource "bits_job" "payload" {
  for_each = local.mine

  host              = each.key
  display_name      = "payload ${var.release}"
  priority          = "normal"
  wait_for_transfer = false # the next run completes what was transferred

  files = [{
    remote_name = "${var.files_url}/${var.release}/payload.cab"
    local_name  = "C:\\ProgramData\\Acme\\payload-${var.release}.cab"
  }]

  on_finished_change = "ignore" # a change of priority is for hosts that are still transferring
}

output "pending" {
  description = "Hosts that do not have the file yet."
  value       = sort([for host, job in bits_job.payload : host if job.state != "acknowledged"])
}
