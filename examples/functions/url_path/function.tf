locals {
  documents = ["Setup (x64).exe", "Größe & Gewicht.pdf"] # as they are named on the server
}

resource "bits_job" "documents" {
  host         = "web01.corp.example"
  display_name = "documents"

  files = [for name in local.documents : {
    remote_name = "https://dl.corp.example/${provider::bits::url_path("shared documents", name)}" # .../shared%20documents/Setup%20%28x64%29.exe
    local_name  = provider::bits::windows_path("C:/Program Files/Acme", name)
  }]
}
