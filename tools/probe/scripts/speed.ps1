# How long the expensive steps take.

function Test-Speed {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    Import-BitsModule
    $import = $clock.ElapsedMilliseconds
    $jobs = @(for ($i = 0; $i -lt 1000; $i++) {
        [ordered]@{
            id = [Guid]::NewGuid().ToString('D'); display_name = "job $i"; description = ''; transfer_type = 'download'; priority = 'normal'
            state = 'suspended'; bytes_total = '1000'; bytes_transferred = '0'; created_at = '2026-01-01T00:00:00.0000000Z'; files_transferred = 0
        }
    })
    $clock.Restart()
    $text = ConvertTo-Json -InputObject $jobs -Depth 3 -Compress
    $json = $clock.ElapsedMilliseconds
    $clock.Restart()
    $list = @(Get-VisibleJob -AllUsers (Test-AllUsers)).Count
    Write-Evidence -Words "PowerShell $($PSVersionTable.PSVersion), $([Environment]::ProcessorCount) processors; $($text.Length) characters of JSON; $list jobs listed in $($clock.ElapsedMilliseconds) ms"
    Write-Answer -Words "Import-Module BitsTransfer $import ms; ConvertTo-Json of 1,000 flat jobs $json ms."
}
