# The operations list, get, create, adopt and commit.

function Invoke-List($Op) {
    $allUsers = -not (Get-Field -Op $Op -Name 'mine') -and (Test-AllUsers)
    $jobs = @(Get-VisibleJob -AllUsers $allUsers)
    $count = $jobs.Count
    $most = Get-Field -Op $Op -Name 'max'
    if ($most) { $count = [Math]::Min($count, $most) }
    $page = New-Object -TypeName Collections.ArrayList
    $size = 0
    for ($k = 0; $k -lt $count; $k++) {
        try { $value = ConvertTo-JobValue -Job $jobs[$k] } catch { $value = Get-UnreadJob -Job $jobs[$k] -Record $_ -Index $k }
        $text = ConvertTo-Line -Value $value
        [void]$page.Add($text)
        $size += $text.Length
        if ($page.Count -eq $MaxPage -or $size -ge $FlushAt -or $k -eq $count - 1) {
            Add-Result -Result ('{"i":' + $Agent.Index + ',"page":[' + ($page.ToArray() -join ',') + ']}')
            $page.Clear()
            $size = 0
        }
    }
    [ordered]@{ count = $count; all_users = [bool]$allUsers; now = ConvertTo-Time -Value (Get-Now) }
}

function Invoke-Get($Op) { Get-JobAnswer -Job (Get-JobById -Id $Op.id) }

# The answer of an operation that returns a job, with the open directories of files that are new to it.
function Get-JobAnswer($Job, $New) {
    $Agent.Step = 'read'
    $answer = [ordered]@{ job = ConvertTo-JobValue -Job $Job }
    if ($null -ne $New -and $answer.job.transfer_type -cne 'upload') {
        $open = Get-OpenDirectories -Files $New
        if ($open.Count -gt 0) { $answer.open_to_users = $open }
    }
    $answer
}

# Creates a suspended job under its pending name, or leaves nothing behind.
function Invoke-Create($Op) {
    $Agent.Step = 'create'
    $token = Get-Token -Op $Op
    $spec = $Op.job
    $sources = New-Object -TypeName Collections.ArrayList
    $destinations = New-Object -TypeName Collections.ArrayList
    foreach ($f in @($spec.files)) { [void]$sources.Add([string]$f.remote_name); [void]$destinations.Add([string]$f.local_name) }
    $arguments = @{
        Source = [string[]]$sources.ToArray([string]); Destination = [string[]]$destinations.ToArray([string])
        DisplayName = $PendingPrefix + $token; TransferType = ([string]$spec.transfer_type).Replace('_', '')
        Priority = [string](Get-Field -Op $spec -Name 'priority'); Suspended = $true; Asynchronous = $true; ErrorAction = 'Stop'
    }
    $description = [string](Get-Field -Op $spec -Name 'description')
    if ($description) { $arguments.Description = $description } # an empty one is what a job has anyway
    $rows = @(Get-GivenRows -Given $spec | Where-Object { 'priority', 'description', 'display_name' -cnotcontains $_.Name })
    Assert-Parameters -Cmdlet 'Start-BitsTransfer' -Rows $rows
    Add-Arguments -Arguments $arguments -Rows $rows -Given $spec
    $directories = New-Object -TypeName Collections.ArrayList
    try {
        if (Get-Field -Op $spec -Name 'create_directories') { foreach ($path in $destinations) { New-Parent -Path $path -Made $directories } }
        $Agent.Step = 'create'
        $made = @(Start-BitsTransfer @arguments)
        $job = if ($made.Count -gt 0) { $made[0] } else { Find-Pending -PendingToken $token } # versions differ in what a suspended job returns
        Get-JobAnswer -Job $job -New $spec.files
    } catch {
        $failed = $_
        Remove-Leftover -PendingToken $token
        Remove-Made -Made $directories
        throw $failed
    }
}

# A failed Start-BitsTransfer leaves a suspended job and returns no object: it is found by its name.
function Remove-Leftover([string]$PendingToken) {
    $step = $Agent.Step
    try {
        foreach ($job in @(Get-PendingJob -PendingToken $PendingToken)) {
            $Agent.Left = "$($job.JobId)"
            [void](Remove-Job -Job $job)
            $Agent.Left = ''
        }
    } catch { $Agent.Step = $step } # Left names the job that remains
    $Agent.Step = $step
}

function Invoke-Adopt($Op) { Get-JobAnswer -Job (Find-Pending -PendingToken (Get-Token -Op $Op)) }

# The oldest pending job of a token. Others are removed: a create was repeated.
function Find-Pending([string]$PendingToken) {
    $Agent.Step = 'read'
    $jobs = @(Get-PendingJob -PendingToken $PendingToken)
    if ($jobs.Count -eq 0) { throw (New-Failure -Code 'not_found' -Text 'BITS lists no pending job of that token.') }
    $oldest = $jobs[0]
    foreach ($job in $jobs) {
        if ((Read-Member -Of $job -Name CreationTime) -lt (Read-Member -Of $oldest -Name CreationTime)) { $oldest = $job }
    }
    foreach ($job in $jobs) {
        if ($job.JobId -ne $oldest.JobId) { [void](Remove-Job -Job $job) }
    }
    $oldest
}

function Invoke-Commit($Op) {
    $job = Get-JobById -Id $Op.id
    $job = Set-Job -Job $job -Arguments @{ DisplayName = [string]$Op.display_name } -Step 'set:display_name'
    [void]$Agent.Done.Add('set:display_name')
    if (-not (Get-Field -Op $Op -Name 'suspended')) { Resume-Job -Job $job }
    Get-JobAnswer -Job (Get-JobById -Id $Op.id)
}
