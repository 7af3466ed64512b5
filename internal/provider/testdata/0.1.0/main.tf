terraform {
  required_providers {
    bits = { source = "winrmbits/bits" }
  }
}

resource "bits_job" "pending" {
  host                = "web01"
  display_name        = "pending"
  description         = "words"
  priority            = "high"
  minimum_retry_delay = "2m"
  on_missing          = "replace"
  triggers            = { version = "1" }
  wait_for_transfer   = false
  files               = [{ remote_name = "https://dl.example/pending.bin", local_name = "C:\\t\\pending.bin" }]
}

resource "bits_job" "suspended" {
  host              = "web01"
  display_name      = "suspended"
  suspended         = true
  wait_for_transfer = false
  files             = [{ remote_name = "https://dl.example/suspended.bin", local_name = "C:\\t\\suspended.bin" }]
}

resource "bits_job" "error" {
  host              = "web01"
  display_name      = "error"
  priority          = "foreground"
  wait_for_transfer = false
  files             = [{ remote_name = "https://dl.example/error.bin", local_name = "C:\\t\\error.bin" }]
}

resource "bits_job" "transferred" {
  host                      = "web01"
  display_name              = "transferred"
  priority                  = "foreground"
  complete_when_transferred = false
  wait_for_transfer         = false
  files                     = [{ remote_name = "https://dl.example/transferred.bin", local_name = "C:\\t\\transferred.bin" }]
}

resource "bits_job" "acknowledged" {
  host               = "web01"
  display_name       = "acknowledged"
  priority           = "foreground"
  wait_for_transfer  = true
  on_file_missing    = "replace"
  on_finished_change = "error"
  timeouts           = { create = "5m" }
  files              = [{ remote_name = "https://dl.example/acknowledged.bin", local_name = "C:\\t\\acknowledged.bin" }]
}

resource "bits_job" "missing" {
  host              = "web01"
  display_name      = "missing"
  wait_for_transfer = false
  files             = [{ remote_name = "https://dl.example/missing.bin", local_name = "C:\\t\\missing.bin" }]
}

resource "bits_job" "everything" {
  host                      = "web01"
  display_name              = "everything"
  description               = "words"
  priority                  = "low"
  suspended                 = true
  wait_for_transfer         = false
  complete_when_transferred = true
  create_directories        = true
  minimum_retry_delay       = "10m"
  no_progress_timeout       = "336h"
  maximum_download_time     = "720h"
  transfer_policy           = ["unrestricted"]
  http_method               = "GET"
  security_flags            = ["redirect_policy_disallow"]
  custom_headers_wo         = { Authorization = "Bearer secret" }
  custom_headers_wo_version = 3
  on_missing                = "error"
  on_file_missing           = "ignore"
  on_finished_change        = "ignore"
  triggers                  = { version = "1" }
  timeouts                  = { create = "5m", update = "6m", delete = "7m" }
  credentials               = { username = "u", scheme = "basic", password_wo = "secret", password_wo_version = 2 }
  proxy                     = { usage = "override", list = ["http://proxy:8080"], bypass_list = ["*.corp.example"], scheme = "ntlm", username = "p", password_wo = "secret", password_wo_version = 1 }
  client_certificate        = { store_location = "local_machine", store_name = "MY", thumbprint = "00112233445566778899aabbccddeeff00112233" }
  files                     = [{ remote_name = "https://dl.example/everything.bin", local_name = "C:\\t\\everything.bin", sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" }]
}

resource "bits_job" "upload" {
  host              = "web01"
  display_name      = "upload"
  transfer_type     = "upload"
  suspended         = true
  wait_for_transfer = false
  custom_headers    = { X-Team = "ops" }
  files             = [{ remote_name = "https://dl.example/upload.bin", local_name = "C:\\t\\upload.bin" }]
}
