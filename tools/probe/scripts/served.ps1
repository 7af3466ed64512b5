# What needs the server of this program, beside the transfers.

function Test-UrlInEvents {
    Assert-Server
    Import-BitsModule
    $since = [datetime]::UtcNow.AddSeconds(-2)
    $job = Start-ProbeTransfer -Suffix 'url' -Name 'small?probe-query=1'
    $id = $job.JobId
    $state = Wait-Job -Id $id -For $Final -Seconds 60
    if ($state -eq 'Transferred') { Complete-BitsTransfer -BitsJob $job -ErrorAction Stop }
    Wait-Moment -Milliseconds 1000
    $results = foreach ($written in @(Get-ProbeEvent -Id $id -Since $since -Name (Get-ProbeName -Suffix 'url'))) {
        Write-Evidence -Words "$($written.Log): $($written.Xml)"
        $what = 'no URL'
        if ($written.Xml.Contains('probe-query')) { $what = 'the URL with its query' } elseif ($written.Xml.Contains('/small')) { $what = 'the URL without its query' }
        $fields = foreach ($m in [regex]::Matches($written.Xml, "<Data Name=['`"]([^'`"]+)")) { $m.Groups[1].Value }
        "$($written.Number) has $what ($($fields -join ' '))"
    }
    Write-Answer -Words "A job that came to ${state}: $($results -join '; ')."
}

function Test-TemporaryFiles {
    Assert-Server
    Import-BitsModule
    $since = [datetime]::UtcNow.AddSeconds(-2)
    $job = Start-ProbeTransfer -Suffix 'temporary' -Name 'slow' -More @{ Priority = 'Foreground' }
    $state = Wait-Job -Id $job.JobId -For 'Transferring', 'Transferred', 'Error' -Seconds 60
    Wait-Moment -Milliseconds 1000
    $folder = [IO.Path]::GetDirectoryName((Get-Place -Path (Get-ProbePath -Suffix 'temporary')))
    $found = foreach ($path in [IO.Directory]::GetFiles($folder)) {
        $file = [IO.FileInfo]$path
        if ($file.CreationTimeUtc -ge $since) { "$($file.Name) ($($file.Attributes))" }
    }
    Write-Answer -Words "In ${state}, new files beside the destination: $($found -join ', ')."
}

function Test-ResumeTransferred {
    Assert-Server
    Import-BitsModule
    $job = Start-ProbeTransfer -Suffix 'resume' -Name 'small'
    $state = Wait-Job -Id $job.JobId -For $Final -Seconds 60
    $now = Get-JobNow -Job $job
    $results = foreach ($verb in 'Resume', 'Suspend') {
        $code = Measure-Call -What "$verb in $state" -Call {
            if ($verb -eq 'Resume') { [void](Resume-BitsTransfer -BitsJob $now -Asynchronous -ErrorAction Stop) } else { [void](Suspend-BitsTransfer -BitsJob $now -ErrorAction Stop) }
        }
        "$verb $code, then $((Get-JobNow -Job $job).JobState)"
    }
    Write-Answer -Words "In ${state}: $($results -join '; ')."
}

# The server redirects to another port of its machine, which asks for Basic.
function Test-Redirect {
    Assert-Server
    Import-BitsModule
    $password = New-Object -TypeName Security.SecureString
    foreach ($c in 'probe'.ToCharArray()) { $password.AppendChar($c) }
    $ways = @(, @('credential', @{ Credential = (New-Object -TypeName Management.Automation.PSCredential -ArgumentList 'probe', $password); Authentication = 'Basic' }))
    if ((Get-Command -Name Start-BitsTransfer -ErrorAction Stop).Parameters.ContainsKey('CustomHeaders')) {
        $ways += , @('header', @{ CustomHeaders = [string[]]('Authorization: Bearer probe', 'X-Probe: 1') })
    } else { Write-Answer -Words 'Start-BitsTransfer has no -CustomHeaders.' }
    foreach ($way in $ways) {
        $more = $way[1].Clone()
        $more.Priority = 'Foreground'
        $job = Start-ProbeTransfer -Suffix $way[0] -Name "redirect-$($way[0])" -More $more
        $state = Wait-Job -Id $job.JobId -For ($Final + 'TransientError') -Seconds 60
        $now = Get-JobNow -Job $job
        Write-Answer -Words ("With a $($way[0]): $state $((Get-JobError -Job $now).hresult)".TrimEnd() + '.')
        Remove-BitsTransfer -BitsJob $now -ErrorAction Stop
    }
}
