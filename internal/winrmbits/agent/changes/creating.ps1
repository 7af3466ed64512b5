# The operations create, adopt and commit.

# Creates a suspended job under its pending name, or leaves nothing behind.
function Invoke-Create($Op) {
    $Agent.Step = 'create'
    $token = Get-Token -Op $Op
    $spec = $Op.job
    $sources = [Collections.ArrayList]::new()
    $destinations = [Collections.ArrayList]::new()
    foreach ($f in @($spec.files)) { [void]$sources.Add([string]$f.remote_name); [void]$destinations.Add([string]$f.local_name) }
    $arguments = @{
        Source = [string[]]$sources.ToArray([string]); Destination = [string[]]$destinations.ToArray([string])
        DisplayName = $PendingPrefix + $token; TransferType = ([string]$spec.transfer_type).Replace('_', '')
        Priority = [string](Get-Field -Op $spec -Name 'priority'); Suspended = $true; Asynchronous = $true; ErrorAction = 'Stop'
    }
    $description = [string](Get-Field -Op $spec -Name 'description')
    if ($description) { $arguments.Description = $description } # an empty one is what a job has anyway
    $rows = @(foreach ($row in (Get-GivenRows -Given $spec)) { if ('priority', 'description', 'display_name' -cnotcontains $row.Name) { $row } })
    Assert-Parameters -Cmdlet 'Start-BitsTransfer' -Rows $rows
    Add-Arguments -Arguments $arguments -Rows $rows -Given $spec
    $directories = [Collections.ArrayList]::new()
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

# The pending jobs of a token. The cmdlet looks for the name, because many creates of a batch may ask; where it fails, what it lists decides.
function Get-PendingJob([string]$PendingToken) {
    $name = $PendingPrefix + $PendingToken
    try { $jobs = @(Get-BitsTransfer -Name $name -ErrorAction Stop) } catch { $jobs = @(Get-VisibleJob -AllUsers $false) }
    foreach ($job in $jobs) { if ((Read-Member -Of $job -Name DisplayName) -ceq $name) { $job } }
}
