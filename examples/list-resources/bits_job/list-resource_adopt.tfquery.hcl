# terraform query -generate-config-out=adopted.tf writes a resource and an import block for each job.
list "bits_job" "adopt" {
  provider         = bits
  include_resource = true # also prints the attributes with terraform query -json
  limit            = 1000 # Terraform's default is 100

  config {
    display_name = "nightly *"
    owner        = "S-1-5-18" # LocalSystem
  }
}
