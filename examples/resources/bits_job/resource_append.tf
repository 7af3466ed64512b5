# A file that you add is appended to a job that is still running. If the job is completed, the plan replaces it and
# transfers all files again: create one job per file to avoid that.
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
