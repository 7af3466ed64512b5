# host/GUID; the host may include a port, such as web01.corp.example:5986 or [2001:db8::1]:5986
terraform import bits_job.payload web01.corp.example/6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b

# GUID only, for a job on the provider's host
terraform import bits_job.payload 6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b

# host/name=DISPLAY NAME, case-sensitive; if several jobs have the name, the error lists their ids
terraform import bits_job.payload "web01.corp.example/name=nightly payload"
