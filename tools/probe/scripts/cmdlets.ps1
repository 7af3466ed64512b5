# What the cmdlets of BitsTransfer do, with suspended jobs that transfer nothing. Asked as SYSTEM, whose jobs take files.

function Get-JobNow($Job) { Get-BitsTransfer -JobId $Job.JobId -ErrorAction Stop }

function Test-Clear {
    Import-BitsModule
    $job = New-ProbeJob -Suffix 'clear' -More @{ Description = 'words'; Priority = 'Low' }
    $results = New-Object -TypeName Collections.ArrayList
    [void](Measure-Call -What 'Set -DisplayName alone' -Call { [void](Set-BitsTransfer -BitsJob $job -DisplayName (Get-ProbeName -Suffix 'renamed') -ErrorAction Stop) })
    [void]$results.Add("priority after -DisplayName alone: $((Get-JobNow -Job $job).Priority) (was Low)")
    $cleared = Measure-Call -What "Set -Description ''" -Call { [void](Set-BitsTransfer -BitsJob $job -Description '' -ErrorAction Stop) }
    [void]$results.Add("-Description '' $cleared, then '$((Get-JobNow -Job $job).Description)'")
    $parameters = (Get-Command -Name Set-BitsTransfer -ErrorAction Stop).Parameters
    foreach ($pair in @(@('CustomHeaders', @('X-Probe: 1')), @('NotifyCmdLine', @('C:\Windows\System32\cmd.exe', '/c exit')))) {
        if (-not $parameters.ContainsKey($pair[0])) { [void]$results.Add("no -$($pair[0])"); continue }
        $set = @{ $pair[0] = $pair[1] }
        $clear = @{ $pair[0] = [string[]]@() }
        $codes = (Measure-Call -What "Set -$($pair[0])" -Call { [void](Set-BitsTransfer -BitsJob $job @set -ErrorAction Stop) }),
            (Measure-Call -What "Set -$($pair[0]) @()" -Call { [void](Set-BitsTransfer -BitsJob $job @clear -ErrorAction Stop) })
        $has = (Get-JobNow -Job $job).PSObject.Properties[$pair[0]]
        $left = 'not readable'
        if ($has) { $left = "'$(@($has.Value) -join ' ')'" }
        [void]$results.Add("-$($pair[0]) $($codes[0]), @() $($codes[1]), then $left")
    }
    Write-Answer -Words (($results.ToArray() -join '; ') + '.')
}

function Test-PartialStart {
    Import-BitsModule
    $paths = (Get-ProbePath -Suffix 'z.tmp'), (Get-ProbePath -Suffix 'a[1].tmp'), (Get-ProbePath -Suffix 'b.tmp')
    foreach ($bad in 'nonsense://x/3', 'http://127.0.0.1:9/3') {
        $sources = 'http://127.0.0.1:9/1', 'http://127.0.0.1:9/2%20[x]', $bad
        $name = Get-ProbeName -Suffix 'three'
        $code = Measure-Call -What "Start-BitsTransfer with $bad third" -Call {
            Start-BitsTransfer -Source $sources -Destination $paths -DisplayName $name -Suspended -Asynchronous -Priority Normal -ErrorAction Stop
        }
        $jobs = @(Get-ProbeJob -AllUsers $false)
        foreach ($job in $jobs) {
            foreach ($file in @($job.FileList)) { Write-Evidence -Words "file: $($file.RemoteName) -> $($file.LocalName)" }
            Remove-BitsTransfer -BitsJob $job -ErrorAction Stop
        }
        $count = @($jobs | ForEach-Object { @($_.FileList) }).Count
        Write-Answer -Words "Third source ${bad}: $code, $($jobs.Count) job(s) with $count file(s)."
    }
}

function Test-Errors {
    Import-BitsModule
    $unknown = [Guid]::NewGuid()
    $results = @('unknown id ' + (Measure-Call -What 'Get-BitsTransfer -JobId of an unknown id' -Call { Get-BitsTransfer -JobId $unknown -ErrorAction Stop }))
    $job = New-ProbeJob -Suffix 'gone'
    Remove-BitsTransfer -BitsJob $job -ErrorAction Stop
    foreach ($verb in 'Complete', 'Remove', 'Resume', 'Suspend') {
        $results += "$verb on a removed job " + (Measure-Call -What "$verb on a removed job" -Call {
            if ($verb -eq 'Resume') { [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop) } else { & "$verb-BitsTransfer" -BitsJob $job -ErrorAction Stop }
        })
    }
    $results += 'Set -Priority on a removed job ' + (Measure-Call -What 'Set -Priority on a removed job' -Call { [void](Set-BitsTransfer -BitsJob $job -Priority Low -ErrorAction Stop) })
    if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
        $name = Get-ProbeName -Suffix 'empty'
        [void](Invoke-Program -Name 'bitsadmin.exe' -Arguments '/rawreturn', '/create', "`"$name`"")
        foreach ($empty in @(Get-ProbeJob -AllUsers $false)) {
            $results += 'Resume of an empty job ' + (Measure-Call -What 'Resume of an empty job' -Call { [void](Resume-BitsTransfer -BitsJob $empty -Asynchronous -ErrorAction Stop) })
        }
    }
    Write-Answer -Words (($results -join '; ') + '.')
}

function Test-Members {
    Import-BitsModule
    $job = New-ProbeJob -Suffix 'members'
    foreach ($thing in $job, @($job.FileList)[0]) {
        $members = foreach ($p in $thing.PSObject.Properties) { "$($p.Name) $($p.TypeNameOfValue)" }
        Write-Evidence -Words "$($thing.PSObject.TypeNames[0]): $($members -join ', ')"
    }
    $names = @(foreach ($p in $job.PSObject.Properties) { $p.Name })
    $there = foreach ($name in 'InternalErrorCode', 'RetryInterval', 'MinimumRetryDelay', 'NoProgressTimeout', 'CustomHeaders', 'TransferPolicy', 'OwnerIntegrityLevel') {
        if ($names -contains $name) { $name } else { "no $name" }
    }
    $unset = ([datetime]$job.TransferCompletionTime).ToUniversalTime().ToString('o', [Globalization.CultureInfo]::InvariantCulture)
    Write-Answer -Words "$($names.Count) properties; $($there -join ', '); TransferCompletionTime unset is $unset."
}

function Test-Suspended {
    Import-BitsModule
    $path = Get-ProbePath -Suffix 'suspended'
    foreach ($mode in @(@{ Suspended = $true; Asynchronous = $true }, @{ Suspended = $true })) {
        $name = Get-ProbeName -Suffix 'suspended'
        $flags = '-' + (@($mode.Keys) -join ' -')
        $Probe.Job = $null
        $code = Measure-Call -What "Start-BitsTransfer $flags" -Call {
            $Probe.Job = @(Start-BitsTransfer -Source 'http://127.0.0.1:9/x' -Destination $path -DisplayName $name -Priority Normal @mode -ErrorAction Stop)
        }
        $output = @($Probe.Job | Where-Object { $null -ne $_ } | ForEach-Object { "$($_.PSObject.TypeNames[0]) in state $($_.JobState)" }) -join ', '
        foreach ($job in @(Get-ProbeJob -AllUsers $false)) { Remove-BitsTransfer -BitsJob $job -ErrorAction Stop }
        Write-Answer -Words "${flags}: $code, output: '$output'."
    }
}

function Test-MethodPriority {
    Import-BitsModule
    if (-not (Get-Command -Name Start-BitsTransfer -ErrorAction Stop).Parameters.ContainsKey('HttpMethod')) { Skip-Question -Why 'Start-BitsTransfer has no -HttpMethod' }
    $both = Measure-Call -What 'Start-BitsTransfer -HttpMethod -Dynamic' -Call { New-ProbeJob -Suffix 'both' -More @{ HttpMethod = 'POST'; Priority = 'Foreground'; Dynamic = $true } }
    $job = New-ProbeJob -Suffix 'method' -More @{ HttpMethod = 'POST'; Priority = 'Foreground' }
    $low = Measure-Call -What 'Set -Priority Low' -Call { [void](Set-BitsTransfer -BitsJob $job -Priority Low -ErrorAction Stop) }
    $high = Measure-Call -What 'Set -Priority Foreground' -Call { [void](Set-BitsTransfer -BitsJob $job -Priority Foreground -ErrorAction Stop) }
    Write-Answer -Words "Low $low, Foreground $high. Made with -Dynamic, too: $both."
}
