# The end of the script: for each line of data it asks a question, undoes what that changed, and answers.

# Removes this question's jobs of this account, and undoes what was changed.
function Clear-Probe {
    foreach ($step in $Probe.Restore) {
        try { [void](& $step.Undo $step.With) } catch { [void]$Probe.Left.Add("$($step.What): $($_.Exception.Message)") }
    }
    if (Get-Command -Name Get-BitsTransfer -ErrorAction Ignore) {
        try {
            foreach ($job in @(Get-ProbeJob -AllUsers $false)) { Remove-BitsTransfer -BitsJob $job -ErrorAction Stop }
        } catch { [void]$Probe.Left.Add("jobs named $(Get-ProbeName -Suffix '*'): $($_.Exception.Message)") }
    }
}

# Ends this process when a question takes too long, or none comes: its client may be gone.
function Start-ProbeWatchdog {
    $dog = New-Worker
    [void]$dog.AddScript('param($probe) while ([datetime]::UtcNow -lt $probe.Until) { [Threading.Thread]::Sleep(1000) }; [Environment]::Exit(10)').AddArgument($Probe)
    [void]$dog.BeginInvoke()
}

function Reset-Watchdog { $Probe.Until = [datetime]::UtcNow.AddSeconds([int]$Probe.Data.seconds) }

function Get-Said([string]$Status, [string]$Words) {
    ConvertTo-Line -Value ([ordered]@{ status = $Status; answer = $Words; left = @($Probe.Left.ToArray()) })
}

# Asks one question, and returns the line with its answer.
function Invoke-Question {
    $said = ''
    $system = $null
    try {
        if ($Probe.Data.as_system) { $system = Invoke-AsSystem -Question $Probe.Data.question }
        else { [void](& "Test-$($Probe.Data.question)") }
    } catch {
        if ($_.Exception.Data.Contains('code') -and $_.Exception.Data['code'] -eq 'not_here') { $said = 'not_here', $_.Exception.Message }
        else { $said = 'failed', (Format-Failure -Record $_) }
    }
    if (-not $Probe.Keep) { Clear-Probe }
    if ($said) { return Get-Said -Status $said[0] -Words $said[1] }
    if (-not $system) { return Get-Said -Status 'answered' -Words $Probe.Answer }
    foreach ($left in @($system.left)) { if ($left) { [void]$Probe.Left.Add($left) } }
    Get-Said -Status $system.status -Words $system.answer
}

try {
    while ($null -ne ($line = $Reader.ReadLine())) {
        $at = $line.IndexOf("$Token ", [StringComparison]::Ordinal)
        if ($at -lt 0) { continue }
        $Probe.Data = ConvertFrom-Json -InputObject $line.Substring($at + $Token.Length + 1)
        $Probe.Answer = ''
        $Probe.Keep = $false
        $Probe.Job = $null
        $Probe.Restore.Clear()
        $Probe.Left.Clear()
        if ($null -eq $Probe.Until) { Reset-Watchdog; Start-ProbeWatchdog }
        Reset-Watchdog
        Send-Line -Object (Invoke-Question)
        Reset-Watchdog
    }
} finally { [Environment]::Exit(0) } # also when the client is gone
