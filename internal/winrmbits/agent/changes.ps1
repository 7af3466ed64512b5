# change: properties, files, suspend and resume on a live job.

function Resume-Job($Job) {
    $Agent.Step = 'resume'
    [void](Resume-BitsTransfer -BitsJob $Job -Asynchronous -ErrorAction Stop)
    [void]$Agent.Done.Add('resume')
}

function Suspend-Job($Job) {
    $Agent.Step = 'suspend'
    [void](Suspend-BitsTransfer -BitsJob $Job -ErrorAction Stop)
    [void]$Agent.Done.Add('suspend')
}

function Invoke-Change($Op) {
    $job = Get-JobById -Id $Op.id
    $set = Get-Field -Op $Op -Name 'set'
    $suspended = Get-Field -Op $Op -Name 'suspended'
    $Agent.Held = $false
    try {
        if ($null -ne $set) { Set-Properties -Job $job -Given $set }
        foreach ($f in (Get-Field -Op $Op -Name 'add_files')) {
            $Agent.Step = 'add-file'
            $Agent.File = [string]$f.local_name
            [void](Add-BitsFile -BitsJob $job -Source ([string]$f.remote_name) -Destination ([string]$f.local_name) -ErrorAction Stop)
            $Agent.File = ''
            [void]$Agent.Done.Add('add-file')
        }
    } catch {
        $failed = $_
        if ($Agent.Held) { Restore-Job -Job $job }
        throw $failed
    }
    if ($suspended -and -not $Agent.Held) { Suspend-Job -Job $job }
    elseif (-not $suspended -and ($Agent.Held -or $null -ne $suspended)) { Resume-Job -Job $job }
    Get-JobById -Id $Op.id
}

# Lets a job move again after a refusal, which is what the answer tells.
function Restore-Job($Job) {
    $step = $Agent.Step
    try { Resume-Job -Job $Job } catch { $Agent.Held = $true } # "done" has no resume then
    $Agent.Step = $step
}

# Sets what is given, group by group. What BITS does not take from a job that moves is set while it is suspended.
function Set-Properties($Job, $Given) {
    Save-Secrets -Given $Given
    $rows = @(Get-GivenRows -Given $Given)
    Assert-Parameters -Cmdlet 'Set-BitsTransfer' -Rows $rows
    $moving = 'queued', 'connecting', 'transferring', 'transient_error' -ccontains (ConvertTo-Word -Name "$($Job.JobState)")
    for ($i = 0; $i -lt $rows.Count; $i = $next) {
        $next = $i + 1
        while ($next -lt $rows.Count -and $rows[$i]['Group'] -and $rows[$next]['Group'] -eq $rows[$i]['Group']) { $next++ }
        $some = @($rows[$i..($next - 1)])
        if ($some[0]['Quiet'] -and $moving -and -not $Agent.Held) { Suspend-Job -Job $Job; $Agent.Held = $true }
        try { Set-Group -Job $Job -Rows $some -Given $Given }
        catch {
            if ($Agent.Held -or (Get-HResult -Exception $_.Exception) -cne $ReadOnlyWhenActive) { throw }
            Suspend-Job -Job $Job
            $Agent.Held = $true
            Set-Group -Job $Job -Rows $some -Given $Given
        }
    }
}

# One call of Set-BitsTransfer.
function Set-Group($Job, $Rows, $Given) {
    $Agent.Step = 'set:' + $Rows[0].Name
    $arguments = @{ BitsJob = $Job; ErrorAction = 'Stop' }
    Add-Arguments -Arguments $arguments -Rows $Rows -Given $Given
    try { [void](Set-BitsTransfer @arguments) }
    catch { if (-not (Test-Success -Record $_)) { throw } }
    foreach ($row in $Rows) { [void]$Agent.Done.Add('set:' + $row.Name) }
}
