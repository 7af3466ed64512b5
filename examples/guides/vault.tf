# Ephemeral secrets are read when they are needed, and are not stored in plan or state.
ephemeral "vault_kv_secret_v2" "winrm" {
  mount = "windows"
  name  = "winrm/svc-bits"
}

ephemeral "vault_kv_secret_v2" "source" {
  mount = "windows"
  name  = "downloads/partner"
}

provider "bits" {
  username = "svc-bits"
  password = ephemeral.vault_kv_secret_v2.winrm.data.password
}

resource "bits_job" "licensed" {
  host         = "web01.corp.example"
  display_name = "licensed payload"

  files = [{
    remote_name = "https://dl.partner.example/payload.cab"
    local_name  = "C:\\ProgramData\\Acme\\payload.cab"
  }]

  custom_headers_wo         = { Authorization = "Bearer ${ephemeral.vault_kv_secret_v2.source.data.token}" }
  custom_headers_wo_version = 1 # raise it when the token changes
  security_flags            = ["redirect_policy_disallow"]
}
