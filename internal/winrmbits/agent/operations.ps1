# The other operations on jobs.

function Invoke-List($Op, [int]$Index, $Results) {
    $Agent.Step = 'read'
    $fields = Get-Field -Op $Op -Name 'fields'
    $allUsers = -not (Get-Field -Op $Op -Name 'mine') -and (Test-AllUsers)
    $jobs = @(Get-VisibleJob -AllUsers $allUsers)
    $page = New-Object -TypeName Collections.ArrayList
    $size = 0
    for ($k = 0; $k -lt $jobs.Count; $k++) {
        $value = ConvertTo-JobValue -Job $jobs[$k] -Fields $fields
        if ($fields) {
            $some = [ordered]@{}
            foreach ($name in $fields) { $some[$name] = $value[$name] }
            $value = $some
        }
        $text = ConvertTo-Line -Value $value
        [void]$page.Add($text)
        $size += $text.Length
        if ($page.Count -eq $MaxPage -or $size -ge $FlushAt -or $k -eq $jobs.Count - 1) {
            Add-Result -Results $Results -Result ('{"i":' + $Index + ',"page":[' + ($page.ToArray() -join ',') + ']}')
            $page.Clear()
            $size = 0
        }
    }
    [ordered]@{ count = $jobs.Count; all_users = [bool]$allUsers; now = ConvertTo-Time -Value (Get-Now) }
}

# Makes a suspended job under its pending name, or leaves nothing behind.
function Invoke-Create($Op) {
    $Agent.Step = 'create'
    $spec = $Op.job
    $sources = New-Object -TypeName Collections.ArrayList
    $destinations = New-Object -TypeName Collections.ArrayList
    foreach ($f in @($spec.files)) { [void]$sources.Add([string]$f.remote_name); [void]$destinations.Add([string]$f.local_name) }
    $arguments = @{
        Source = [string[]]$sources.ToArray([string]); Destination = [string[]]$destinations.ToArray([string])
        DisplayName = $PendingPrefix + $Op.token; TransferType = ([string]$spec.transfer_type).Replace('_', '')
        Priority = [string](Get-Field -Op $spec -Name 'priority'); Suspended = $true; Asynchronous = $true; ErrorAction = 'Stop'
    }
    $description = [string](Get-Field -Op $spec -Name 'description')
    if ($description) { $arguments.Description = $description } # an empty one is what a job has anyway
    Save-Secrets -Given $spec
    $rows = @(Get-GivenRows -Given $spec | Where-Object { 'priority', 'description', 'display_name' -cnotcontains $_.Name })
    Assert-Parameters -Cmdlet 'Start-BitsTransfer' -Rows $rows
    Add-Arguments -Arguments $arguments -Rows $rows -Given $spec
    $directories = New-Object -TypeName Collections.ArrayList
    try {
        if (Get-Field -Op $spec -Name 'create_directories') { foreach ($path in $destinations) { New-Parent -Path $path -Made $directories } }
        $Agent.Step = 'create'
        $made = @(Start-BitsTransfer @arguments)
    } catch {
        $failed = $_
        Remove-Leftover -PendingToken $Op.token
        Remove-Made -Made $directories
        throw $failed
    }
    if ($made.Count -eq 0) { return Invoke-Adopt -Op $Op } # what suspended jobs give differs between versions
    $made[0]
}

# A failed Start-BitsTransfer leaves a suspended job and gives no object: it is found by its name.
function Remove-Leftover([string]$PendingToken) {
    $step = $Agent.Step
    try {
        foreach ($job in @(Get-PendingJob -PendingToken $PendingToken)) {
            $Agent.Left = $job.JobId.ToString('D').ToLowerInvariant()
            [void](Remove-Job -Job $job)
            $Agent.Left = ''
        }
    } catch { $Agent.Step = $step } # Left says what is there still
    $Agent.Step = $step
}

function Invoke-Adopt($Op) {
    $Agent.Step = 'read'
    $jobs = @(Get-PendingJob -PendingToken $Op.token)
    if ($jobs.Count -eq 0) { throw (New-Failure -Code 'not_found' -Text 'BITS lists no pending job of that token.') }
    $oldest = $jobs[0]
    foreach ($job in $jobs) { if ($job.CreationTime -lt $oldest.CreationTime) { $oldest = $job } }
    foreach ($job in $jobs) {
        if ($job.JobId -ne $oldest.JobId) { [void](Remove-Job -Job $job) }
    }
    $oldest
}

function Invoke-Commit($Op) {
    $job = Get-JobById -Id $Op.id
    $Agent.Step = 'set:display_name'
    [void](Set-BitsTransfer -BitsJob $job -DisplayName ([string]$Op.display_name) -ErrorAction Stop)
    [void]$Agent.Done.Add($Agent.Step)
    if (-not (Get-Field -Op $Op -Name 'suspended')) { Resume-Job -Job $job }
    Get-JobById -Id $Op.id
}
