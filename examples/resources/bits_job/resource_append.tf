# A list that grows: a name that is added here is appended to the job while BITS still lists it. Once the job is completed,
# a name that is added replaces it, which transfers all of its files again; make a job for each file where that is too much.
variable "packages" {
  type    = set(string)
  default = ["agent.msi", "agent-rules.cab"]
}

resource "bits_job" "packages" {
  host         = "web01.corp.example"
  display_name = "agent packages"

  files = [for name in var.packages : {
    remote_name = "https://dl.corp.example/packages/${name}"
    local_name  = "C:\\ProgramData\\Acme\\packages\\${name}"
  }]
}
