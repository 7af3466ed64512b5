# An audit of a fleet: accounts, limits, proxies and supported settings.
data "bits_host" "fleet" {
  for_each = toset(["web01.corp.example", "web02.corp.example"])

  host = each.key
}

output "fleet" {
  value = {
    for name, host in data.bits_host.fleet : name => {
      windows         = host.os_version
      account         = host.account.name
      administrator   = host.elevated
      jobs_per_user   = lookup(host.policies, "MaxJobsPerUser", 60)
      holding         = host.holding_policies
      proxy           = host.system_proxy
      clock           = host.clock_offset
      dynamic_content = contains(lookup(host.supported_parameters, "Start-BitsTransfer", []), "Dynamic")
    }
  }
}
