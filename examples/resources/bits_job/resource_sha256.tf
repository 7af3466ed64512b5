# The host checks the hash when the job is completed, and again when the file was changed.
resource "bits_job" "agent" {
  host         = "web01.corp.example"
  display_name = "agent 4.2"

  files = [{
    remote_name = "https://dl.corp.example/agent-4.2.msi"
    local_name  = "C:\\ProgramData\\Acme\\agent.msi"
    sha256      = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
  }]

  on_file_missing = "replace"
}
