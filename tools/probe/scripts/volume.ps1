# Much output, none at all, and the quotas of shells.

function Test-Volume {
    $text = 'x' * 1023 + "`n"
    $bytes = [Text.Encoding]::ASCII.GetBytes($text * 64)
    for ($i = 0; $i -lt 16; $i++) { $Output.Write($bytes, 0, $bytes.Length) }
    $Output.Flush()
    Write-Answer -Words 'sent'
}

function Test-Quotas {
    Assert-Windows -What 'winrm.cmd'
    $text = Invoke-Program -Name "$env:SystemRoot\System32\cscript.exe" -Arguments '//nologo', "$env:SystemRoot\System32\winrm.vbs", 'get', 'winrm/config/winrs'
    Write-Answer -Words $text
}

# Says nothing until its client speaks.
function Test-Silence {
    Send-Line -Object '{"ready":1}'
    Write-Answer -Words "the client said '$($Reader.ReadLine())'"
}
