# What transfers do. Asked as SYSTEM, whose jobs move, with the files of the server of this program.

$BitsLogName = 'Microsoft-Windows-Bits-Client/Operational'
$Final = 'Transferred', 'Error'

function Start-ProbeTransfer([string]$Suffix, [string]$Name, [hashtable]$More) {
    $job = New-ProbeJob -Suffix $Suffix -Url ($Probe.Data.url + '/' + $Name) -More $More
    [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop)
    $job
}

# The events of a job, which name its id or, before Windows 10, its name.
function Get-ProbeEvent([Guid]$Id, [datetime]$Since, [string]$Name) {
    $stamp = $Since.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", [Globalization.CultureInfo]::InvariantCulture)
    $known = (@(foreach ($number in 1, 2, 3, 4, 5, 6, 59, 60, 61, 16384, 16387, 16388, 16389, 16403) { "EventID=$number" }) -join ' or ')
    foreach ($log in $BitsLogName, 'System') {
        $path = "*[System[Provider[@Name='Microsoft-Windows-Bits-Client'] and ($known) and TimeCreated[@SystemTime>='$stamp']]]"
        foreach ($xml in @(Get-EventXml -Log $log -XPath $path -AtMost 200)) {
            if ($null -eq $xml) { continue }
            $named = $xml.Contains('>' + $Name + '<')
            if (-not $named -and $xml.Replace('-', '').IndexOf($Id.ToString('N'), [StringComparison]::OrdinalIgnoreCase) -lt 0) { continue }
            @{ Log = $log; Xml = $xml; Number = [regex]::Match($xml, '<EventID[^>]*>(\d+)<').Groups[1].Value }
        }
    }
}

function Write-Events([Guid]$Id, [datetime]$Since, [string]$Name) {
    $numbers = foreach ($written in @(Get-ProbeEvent -Id $Id -Since $Since -Name $Name)) {
        Write-Evidence -Words "$($written.Log): $($written.Xml)"
        $written.Number
    }
    @($numbers) -join ' '
}

function Test-Events {
    Assert-Server
    Import-BitsModule
    $since = [datetime]::UtcNow.AddSeconds(-2)
    $done = Start-ProbeTransfer -Suffix 'events' -Name 'small'
    $state = Wait-Job -Id $done.JobId -For $Final -Seconds 60
    if ($state -eq 'Transferred') { Complete-BitsTransfer -BitsJob $done -ErrorAction Stop }
    $cancelled = New-ProbeJob -Suffix 'events2'
    Remove-BitsTransfer -BitsJob $cancelled -ErrorAction Stop
    Wait-Moment -Milliseconds 1000
    Write-Answer -Words "A job that came to ${state} and was completed: events $(Write-Events -Id $done.JobId -Since $since -Name (Get-ProbeName -Suffix 'events'));"
    Write-Answer -Words "a cancelled one: events $(Write-Events -Id $cancelled.JobId -Since $since -Name (Get-ProbeName -Suffix 'events2'))."
}

function Test-Presigned {
    Assert-Server
    Import-BitsModule
    foreach ($way in @(@{ Priority = 'Normal' }, @{ Priority = 'Foreground'; Dynamic = $true })) {
        $job = Start-ProbeTransfer -Suffix 'presigned' -Name 'presigned' -More $way
        $state = Wait-Job -Id $job.JobId -For ($Final + 'TransientError') -Seconds 60
        $now = Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop
        $failure = Get-JobError -Job $now
        Write-Evidence -Words "$(@($way.Keys) -join ' '): $state $($failure.hresult) $($now.ErrorDescription)"
        Write-Answer -Words "$(@(foreach ($k in $way.Keys) { "-$k $($way[$k])" }) -join ' '): $state $($failure.hresult)."
        Remove-BitsTransfer -BitsJob $now -ErrorAction Stop
    }
}

# The state and the error that a job has now.
function Get-Outcome([Guid]$Id) {
    $now = Get-BitsTransfer -JobId $Id -ErrorAction Stop
    $failure = Get-JobError -Job $now
    Write-Evidence -Words "$($now.DisplayName): $($now.JobState) $($failure.hresult) with $($now.BytesTransferred) bytes, $($now.ErrorDescription)"
    "$($now.JobState) $($failure.hresult)".Trim()
}

function Test-Ranges {
    Assert-Server
    Import-BitsModule
    foreach ($way in 'suspended', 'lowered') {
        $job = Start-ProbeTransfer -Suffix $way -Name 'rangeless' -More @{ Priority = 'Foreground' }
        for ($n = 0; $n -lt 240 -and (Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop).BytesTransferred -eq 0; $n++) { Wait-Moment -Milliseconds 250 }
        if ($way -eq 'lowered') { [void](Set-BitsTransfer -BitsJob $job -Priority Low -ErrorAction Stop) } else {
            [void](Suspend-BitsTransfer -BitsJob $job -ErrorAction Stop)
            [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop)
        }
        [void](Wait-Job -Id $job.JobId -For ($Final + 'TransientError') -Seconds 60)
        $first = Get-Outcome -Id $job.JobId
        [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop)
        [void](Wait-Job -Id $job.JobId -For ($Final + 'TransientError', 'Transferring') -Seconds 60)
        Write-Answer -Words "A job that is ${way}: $first, resumed once more: $(Get-Outcome -Id $job.JobId);"
        Remove-BitsTransfer -BitsJob $job -ErrorAction Stop
    }
    $job = Start-ProbeTransfer -Suffix 'etag' -Name 'etag'
    [void](Wait-Job -Id $job.JobId -For ($Final + 'TransientError') -Seconds 60)
    Write-Answer -Words "with a new ETag in each answer: $(Get-Outcome -Id $job.JobId)."
    Remove-BitsTransfer -BitsJob $job -ErrorAction Stop
}

function Test-Complete {
    Assert-Server
    Import-BitsModule
    foreach ($case in @(@('Error', 'missing'), @('Transferring', 'slow'))) {
        $job = Start-ProbeTransfer -Suffix $case[1] -Name $case[1] -More @{ Priority = 'Foreground' }
        $state = Wait-Job -Id $job.JobId -For $case[0] -Seconds 60
        $now = Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop
        $code = Measure-Call -What "Complete-BitsTransfer on a job in state $state" -Call { Complete-BitsTransfer -BitsJob $now -ErrorAction Stop }
        $after = 'gone'
        foreach ($left in @(Get-ProbeJob -AllUsers $false)) {
            if ($left.JobId -eq $job.JobId) { $after = "in state $($left.JobState)"; Remove-BitsTransfer -BitsJob $left -ErrorAction Stop }
        }
        $file = [IO.File]::Exists((Get-Place -Path (Get-ProbePath -Suffix $case[1])))
        Write-Answer -Words "On ${state}: $code, the job is $after, its file is there: $file."
    }
}

function Test-Overwrite {
    Assert-Server
    Import-BitsModule
    foreach ($case in 'existing', 'read-only', 'locked') {
        $place = Get-Place -Path (Get-ProbePath -Suffix $case)
        [IO.File]::WriteAllText($place, 'before')
        $lock = $null
        $job = Start-ProbeTransfer -Suffix $case -Name 'small'
        if ($case -eq 'read-only') { [IO.File]::SetAttributes($place, 'ReadOnly') }
        if ($case -eq 'locked') { $lock = [IO.File]::Open($place, 'Open', 'Read', 'None') }
        try {
            $state = Wait-Job -Id $job.JobId -For $Final -Seconds 60
            $code = 'not tried'
            if ($state -eq 'Transferred') { $code = Measure-Call -What "Complete-BitsTransfer over a file that is $case" -Call { Complete-BitsTransfer -BitsJob $job -ErrorAction Stop } }
        } finally { if ($lock) { $lock.Dispose() } }
        $after = 'gone'
        foreach ($left in @(Get-ProbeJob -AllUsers $false)) { if ($left.JobId -eq $job.JobId) { $after = [string]$left.JobState } }
        $old = [IO.File]::ReadAllText($place) -eq 'before'
        Write-Answer -Words "${case}: $state, Complete $code, job $after, old content: $old."
        foreach ($left in @(Get-ProbeJob -AllUsers $false)) { Remove-BitsTransfer -BitsJob $left -ErrorAction Stop }
    }
}
