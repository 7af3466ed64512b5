# The end of the script of a question: reads the data, asks, undoes, answers.

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

# Ends this process when the question takes too long: its client may be gone.
function Start-ProbeWatchdog([int]$Seconds) {
    $dog = [PowerShell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    [void]$dog.AddScript('param($milliseconds) [Threading.Thread]::Sleep($milliseconds); [Environment]::Exit(10)').AddArgument(1000 * $Seconds)
    [void]$dog.BeginInvoke()
}

function Get-Said([string]$Status, [string]$Words) {
    ConvertTo-Line -Value ([ordered]@{ status = $Status; answer = $Words; left = @($Probe.Left.ToArray()) })
}

$line = $Reader.ReadLine()
if ($null -eq $line) { [Environment]::Exit(0) }
$Probe.Data = ConvertFrom-Json -InputObject $line.Substring($line.IndexOf("$Token ", [StringComparison]::Ordinal) + $Token.Length + 1)
Start-ProbeWatchdog -Seconds ([int]$Probe.Data.seconds)
$said = ''
$system = $null
try {
    if ($Probe.Data.as_system) { $system = Invoke-AsSystem -Question $Probe.Data.question }
    else { [void](& "Test-$($Probe.Data.question)") }
} catch {
    if ($_.Exception.Data.Contains('code') -and $_.Exception.Data['code'] -eq 'not_here') { $said = 'not_here', $_.Exception.Message }
    else { $said = 'failed', (Format-Failure -Record $_) }
}
try {
    if (-not $Probe.Keep) { Clear-Probe }
    if ($said) { Send-Line -Object (Get-Said -Status $said[0] -Words $said[1]) }
    elseif ($system) {
        foreach ($left in @($system.left)) { if ($left) { [void]$Probe.Left.Add($left) } }
        Send-Line -Object (Get-Said -Status $system.status -Words $system.answer)
    } else { Send-Line -Object (Get-Said -Status 'answered' -Words $Probe.Answer) }
} finally { [Environment]::Exit(0) } # also when nobody listens any more
