# sweep: takes away what creates left behind that nobody committed.

# Removes the caller's suspended jobs that have a pending name and are more than an hour old, so that no create that is
# under way loses its own. It goes by the name and not by who made them: nobody else names jobs so.
function Invoke-Sweep {
    $Agent.Step = 'read'
    $before = (Get-Now).AddHours(-1)
    $jobs = @(Get-VisibleJob -AllUsers $false)
    $Agent.Step = 'remove'
    foreach ($job in $jobs) {
        if ("$($job.JobState)" -cne 'Suspended' -or $job.DisplayName -cnotmatch "\A$PendingPrefix[0-9a-f]{32}\z") { continue }
        if (([datetime]$job.CreationTime).ToUniversalTime() -ge $before) { continue }
        [void](Remove-Job -Job $job)
        [void]$Agent.Done.Add($job.JobId.ToString('D').ToLowerInvariant())
    }
    [ordered]@{ removed = @($Agent.Done.ToArray()) }
}
