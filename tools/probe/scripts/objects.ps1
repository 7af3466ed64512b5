# What a job's object shows. Asked as SYSTEM, whose jobs take files.

function Test-Untouched {
    Import-BitsModule
    $job = New-ProbeJob -Suffix 'untouched' -More @{ Priority = 'Low' }
    $parameters = (Get-Command -Name Set-BitsTransfer -ErrorAction Stop).Parameters
    $results = foreach ($pair in @(
            @('DisplayName', (Get-ProbeName -Suffix 'renamed')), @('Description', 'words'), @('RetryInterval', 120), @('RetryTimeout', 3600), @('ProxyUsage', 'NoProxy'),
            @('TransferPolicy', 'Always'), @('MaxDownloadTime', 3600), @('CustomHeaders', 'X-Probe: 1'), @('SecurityFlags', 'EnableCRLCheck')
        )) {
        if (-not $parameters.ContainsKey($pair[0])) { "no -$($pair[0])"; continue }
        $set = @{ $pair[0] = $pair[1] }
        $code = Measure-Call -What "Set -$($pair[0])" -Call { [void](Set-BitsTransfer -BitsJob $job @set -ErrorAction Stop) }
        $priority = (Get-JobNow -Job $job).Priority
        "-$($pair[0]) ${code}: $priority"
        if ("$priority" -ne 'Low') { [void](Set-BitsTransfer -BitsJob $job -Priority Low -ErrorAction Stop) }
    }
    Write-Answer -Words "A job of priority Low, after Set-BitsTransfer with one other parameter: $($results -join '; ')."
}

# The members of an object, each with its value or the code of its getter.
function Write-Members($Of, [string]$When) {
    $codes = New-Object -TypeName Collections.ArrayList
    $members = foreach ($p in $Of.PSObject.Properties) {
        try {
            $value = $p.get_Value() # of a getter that fails, .Value is $null
            $type = 'nothing'
            if ($null -ne $value) { $type = $value.GetType().Name }
            "$($p.Name) $type '$value'"
        } catch {
            $code = Get-HResult -Exception $_.Exception
            [void]$codes.Add("$($p.Name) $code")
            "$($p.Name) $code"
        }
    }
    Write-Evidence -Words "${When}: $($members -join ', ')"
    if ($codes.Count -eq 0) { 'every member answers' } else { $codes.ToArray() -join ', ' }
}

function Test-Held {
    Import-BitsModule
    $held = New-ProbeJob -Suffix 'held'
    Remove-BitsTransfer -BitsJob (Get-JobNow -Job $held) -ErrorAction Stop
    Write-Answer -Words "An object of a job that was removed: $(Write-Members -Of $held -When 'after Remove'), state $(Read-Member -Of $held -Name JobState)."
    if (-not $Probe.Data.url) { return }
    $held = Start-ProbeTransfer -Suffix 'held2' -Name 'small'
    $state = Wait-Job -Id $held.JobId -For $Final -Seconds 60
    if ($state -eq 'Transferred') { Complete-BitsTransfer -BitsJob (Get-JobNow -Job $held) -ErrorAction Stop }
    Write-Answer -Words "Of one that came to $state and was completed: $(Write-Members -Of $held -When 'after Complete'), state $(Read-Member -Of $held -Name JobState)."
}

function Test-Times {
    Import-BitsModule
    $job = New-ProbeJob -Suffix 'times'
    $now = [datetime]::UtcNow
    $offset = [TimeZoneInfo]::Local.GetUtcOffset($now)
    $results = foreach ($name in 'CreationTime', 'ModificationTime', 'TransferCompletionTime') {
        $time = [datetime]$job.$name
        $seconds = foreach ($to in $now, $now.Add($offset)) { [long]($time.Ticks - $to.Ticks) / [TimeSpan]::TicksPerSecond }
        "$name of Kind $($time.Kind), $([long]$seconds[0]) s from UTC and $([long]$seconds[1]) s from local time"
    }
    $words = "the host's offset is $($offset.TotalMinutes) minutes"
    if ($offset -eq [TimeSpan]::Zero) { $words += ', so that UTC and local time are the same' }
    Write-Answer -Words "$($results -join '; '); $words."
}

# A job that fails without a server: nothing listens on its port.
function Test-ErrorTypes {
    Import-BitsModule
    $job = New-ProbeJob -Suffix 'error' -More @{ Priority = 'Foreground' }
    [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop)
    $state = Wait-Job -Id $job.JobId -For 'TransientError', 'Error' -Seconds 60
    $now = Get-JobNow -Job $job
    $members = Write-Members -Of $now -When $state
    $results = foreach ($name in 'InternalErrorCode', 'ErrorCondition', 'ErrorContext', 'ErrorContextDescription', 'ErrorDescription') {
        $property = $now.PSObject.Properties[$name]
        if (-not $property) { "no $name"; continue }
        $value = Read-Member -Of $now -Name $name
        if ($null -eq $value) { "$name nothing" } else { "$name $($value.GetType().FullName) '$value'" }
    }
    Write-Answer -Words "In ${state}: $($results -join '; '); $members."
}

function Test-SameName {
    Import-BitsModule
    $lower = Get-ProbePath -Suffix 'same.tmp'
    $name = Get-ProbeName -Suffix 'same'
    $both = Measure-Call -What 'Start-BitsTransfer with two local names that differ in case' -Call {
        Start-BitsTransfer -Source 'http://127.0.0.1:9/1', 'http://127.0.0.1:9/2' -Destination $lower, $lower.ToUpperInvariant() -DisplayName $name -Suspended -Asynchronous -Priority Normal -ErrorAction Stop
    }
    $jobs = @(Get-ProbeJob -AllUsers $false)
    $files = @($jobs | ForEach-Object { @($_.FileList) }).Count
    foreach ($job in $jobs) { Remove-BitsTransfer -BitsJob $job -ErrorAction Stop }
    $job = New-ProbeJob -Suffix 'same.tmp'
    $codes = foreach ($again in $lower.ToUpperInvariant(), $lower) {
        Measure-Call -What "Add-BitsFile of $again" -Call { [void](Add-BitsFile -BitsJob $job -Source 'http://127.0.0.1:9/2' -Destination $again -ErrorAction Stop) }
    }
    Write-Answer -Words "Start-BitsTransfer ${both}, $files file(s); Add-BitsFile in another case $($codes[0]), in the same case $($codes[1])."
}
