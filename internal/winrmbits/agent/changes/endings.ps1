# Endings: completing, removing and sweeping jobs.

# Completes a transferred job. Any other is left alone: completing it would end it with the files that it has.
function Invoke-Complete($Op) {
    $job = Get-JobById -Id $Op.id
    $answer = [ordered]@{
        job = $job | ConvertTo-JobValue; done = $false; remaining = $false; at = ConvertTo-Time -Value (Get-Now); hresult = $null
    }
    if ($answer.job.state -cne 'transferred') { return $answer }
    $Agent.Step = 'complete'
    try { Complete-BitsTransfer -BitsJob $job -ErrorAction Stop }
    catch {
        $failed = $_
        if (-not (Test-Success -Record $failed)) { Find-Unnamed -Id $Op.id; throw $failed }
        $answer.hresult = Get-HResult -Exception $failed.Exception
    }
    $answer.done = $true
    $answer.at = ConvertTo-Time -Value (Get-Now)
    $answer.remaining = $null # not known
    try { [void](Get-BitsTransfer -JobId ([Guid]$Op.id) -ErrorAction Stop); $answer.remaining = $true }
    catch { # no list: there may be as many jobs as there are to be completed
        $hresult = Get-HResult -Exception $_.Exception
        if ($null -eq $hresult -or $hresult -ceq '0x80200001') { $answer.remaining = $false }
    }
    $answer
}

# Notes the first file that does not have its name yet: a locked one stops the others, and the job stays transferred.
function Find-Unnamed([string]$Id) {
    $step = $Agent.Step
    try {
        $job = Get-JobById -Id $Id
        if ((ConvertTo-Word -Name "$($job.JobState)") -ceq 'transferred') {
            foreach ($f in @($job.FileList)) { if (-not $f.IsTransferComplete) { $Agent.File = [string]$f.LocalName; break } }
        }
    } catch { $Agent.File = '' } # the first failure is the one to report
    $Agent.Step = $step
}

# Cancels a job. Returns the HRESULT of a success with a reservation, such as files that could not be deleted.
function Remove-Job($Job) {
    $Agent.Step = 'remove'
    try { Remove-BitsTransfer -BitsJob $Job -Confirm:$false -ErrorAction Stop }
    catch {
        if (-not (Test-Success -Record $_)) { throw }
        return Get-HResult -Exception $_.Exception
    }
    $null
}

function Invoke-Remove($Op) {
    try { $job = Get-JobById -Id $Op.id }
    catch {
        if ($_.Exception.Data['code'] -ceq 'not_found') { return [ordered]@{ absent = $true; hresult = $null } }
        throw
    }
    [ordered]@{ absent = $false; hresult = Remove-Job -Job $job }
}

# Removes what creates left behind and nobody committed: the caller's suspended jobs that have a pending name and are more
# than an hour old, so that no create that is under way loses its own. Only this provider names jobs so. A job that can't be read or
# removed is left, and noted.
function Invoke-Sweep($Op) {
    $before = (Get-Now).AddHours(-1)
    $notes = [Collections.ArrayList]::new()
    foreach ($job in @(Get-VisibleJob -AllUsers $false)) {
        try {
            if ("$($job.JobState)" -cne 'Suspended' -or $job.DisplayName -cnotmatch "\A$PendingPrefix[0-9a-f]{32}\z") { continue }
            if ((ConvertTo-Utc -Time $job.CreationTime) -ge $before) { continue }
            $id = "$($job.JobId)" # a job that is gone may not show it
            [void](Remove-Job -Job $job)
            [void]$Agent.Done.Add($id)
        } catch { [void]$notes.Add("job $(Read-Member -Of $job -Name JobId): $($_.Exception.Message)") }
    }
    [ordered]@{ removed = @($Agent.Done.ToArray()); notes = @($notes.ToArray()) }
}
