# Create the job only if BITS is enabled and the disk has enough space.
data "bits_host" "web01" {
  host  = "web01.corp.example"
  drive = "D:"

  lifecycle {
    postcondition {
      condition     = self.service_start_type != "disabled"
      error_message = "BITS is disabled on ${self.computer_name}."
    }
  }
}

resource "bits_job" "image" {
  host         = data.bits_host.web01.host
  display_name = "base image"

  files = [{
    remote_name = "https://dl.corp.example/images/base.vhdx"
    local_name  = "D:\\Images\\base.vhdx"
  }]

  lifecycle {
    precondition {
      condition     = coalesce(data.bits_host.web01.free_bytes, 0) > 40 * pow(1024, 3)
      error_message = "Drive D: of web01 is missing, or has less than 40 GiB free."
    }
  }
}
