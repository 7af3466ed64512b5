# A session of the PowerShell Remoting Protocol beside the text shell.

function Test-Psrp {
    Assert-Windows -What 'a remote PowerShell session'
    $path = Get-ProbePath -Suffix 'psrp'
    $name = Get-ProbeName -Suffix 'psrp'
    $session = New-PSSession -ComputerName 'localhost' -ErrorAction Stop
    Add-Restore -What 'the session' -With $session -Undo { param($With) Remove-PSSession -Session $With -ErrorAction Stop }
    $code = Invoke-Command -Session $session -ArgumentList $name, $path -ErrorAction Stop -ScriptBlock {
        param($name, $path)
        try {
            $job = Start-BitsTransfer -Source 'http://127.0.0.1:9/x' -Destination $path -DisplayName $name -Suspended -Asynchronous -ErrorAction Stop
            [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop)
            [Threading.Thread]::Sleep(3000)
            "made, and 3 s after Resume in state $((Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop).JobState)"
        } catch { '0x{0:X8} {1}' -f $_.Exception.HResult, $_.Exception.Message }
        foreach ($left in @(Get-BitsTransfer -Name $name -ErrorAction Stop)) { Remove-BitsTransfer -BitsJob $left -ErrorAction Stop }
    }
    Write-Answer -Words "In a session of Microsoft's own client, opened from the shell: $code. (This project has no client of that protocol to try.)"
}
