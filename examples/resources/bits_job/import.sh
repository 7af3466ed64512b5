# host/GUID; a port of its own stands in the host: web01.corp.example:5986/GUID, [2001:db8::1]:5986/GUID
terraform import bits_job.payload web01.corp.example/6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b

# GUID, for a job on the provider's host
terraform import bits_job.payload 6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b

# host/name=DISPLAY NAME, where exactly one job has that name
terraform import bits_job.payload "web01.corp.example/name=nightly payload"
