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
    $Agent.Suspended = $false
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
        if ($Agent.Suspended) { Restore-Job -Job $job }
        throw $failed
    }
    if ($suspended -and -not $Agent.Suspended) { Suspend-Job -Job $job }
    elseif (-not $suspended -and ($Agent.Suspended -or $null -ne $suspended)) { Resume-Job -Job $job }
    if ((Get-Field -Op $Op -Name 'retry') -and "$($job.JobState)" -eq 'TransientError') { Resume-Job -Job $job }
    Get-JobAnswer -Job (Get-JobById -Id $Op.id) -New (Get-Field -Op $Op -Name 'add_files')
}

# Resumes a job that was suspended for a change that was then refused. The answer's "done" shows whether that worked.
function Restore-Job($Job) {
    $step = $Agent.Step
    try { Resume-Job -Job $Job } catch { $Agent.Step = $step }
    $Agent.Step = $step
}

# Sets the given properties, group by group. What BITS refuses of an active job is set while the job is suspended.
function Set-Properties($Job, $Given) {
    $rows = @(Get-GivenRows -Given $Given)
    Assert-Parameters -Cmdlet 'Set-BitsTransfer' -Rows $rows
    $moving = 'queued', 'connecting', 'transferring', 'transient_error' -ccontains (ConvertTo-Word -Name "$($Job.JobState)")
    for ($i = 0; $i -lt $rows.Count; $i = $next) {
        $next = $i + 1
        while ($next -lt $rows.Count -and $rows[$i]['Group'] -and $rows[$next]['Group'] -eq $rows[$i]['Group']) { $next++ }
        $some = @($rows[$i..($next - 1)])
        if ($some[0]['WhileSuspended'] -and $moving -and -not $Agent.Suspended) { Suspend-Job -Job $Job; $Agent.Suspended = $true }
        try { $Job = Set-Group -Job $Job -Rows $some -Given $Given }
        catch {
            if ($Agent.Suspended -or (Get-HResult -Exception $_.Exception) -cne $ReadOnlyWhenActive) { throw }
            Suspend-Job -Job $Job
            $Agent.Suspended = $true
            $Job = Set-Group -Job $Job -Rows $some -Given $Given
        }
    }
}

# Sets the properties of some rows in one call. Returns the job.
function Set-Group($Job, $Rows, $Given) {
    $arguments = @{}
    Add-Arguments -Arguments $arguments -Rows $Rows -Given $Given
    $Job = Set-Job -Job $Job -Arguments $arguments -Step ('set:' + $Rows[0].Name)
    foreach ($row in $Rows) { [void]$Agent.Done.Add('set:' + $row.Name) }
    $Job
}

# Calls Set-BitsTransfer and returns the job. The page of its -Priority calls Foreground the default, so that a call without it may
# reset the priority: then the one before is set again. BITS itself makes a job with another HTTP method a foreground one.
function Set-Job($Job, [hashtable]$Arguments, [string]$Step) {
    $Agent.Step = $Step
    $priority = "$($Job.Priority)"
    $set = $null
    try { $set = Set-BitsTransfer -BitsJob $Job -ErrorAction Stop @Arguments }
    catch { if (-not (Test-Success -Record $_)) { throw } }
    if ($null -eq $set) { $set = Get-JobById -Id "$($Job.JobId)" }
    $moves = $Arguments.ContainsKey('Priority') -or $Arguments.ContainsKey('HttpMethod')
    if (-not $moves -and "$($set.Priority)" -cne $priority) {
        $set = Set-Job -Job $Job -Arguments @{ Priority = $priority } -Step 'set:priority'
    }
    $set
}

# Whether a record tells of a success that says more than S_OK, such as BG_S_PARTIAL_COMPLETE.
function Test-Success($Record) {
    $hresult = Get-HResult -Exception $Record.Exception
    $null -ne $hresult -and $hresult -clike '0x0020*'
}
