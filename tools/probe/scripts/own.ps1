# BITS as the account of the shell.

function Test-OwnJobs {
    Import-BitsModule
    $made = Measure-Call -What 'Start-BitsTransfer -Suspended' -Call { $Probe.Job = New-ProbeJob -Suffix 'own' }
    $job = $Probe.Job
    $steps = "Start $made"
    if ($null -eq $job) {
        foreach ($orphan in @(Get-ProbeJob -AllUsers $false)) {
            $job = $orphan
            Write-Evidence -Words "the failed call left job $($orphan.JobId) with $(@($orphan.FileList).Count) files"
        }
    }
    if ($null -ne $job) {
        $second = Get-ProbePath -Suffix 'own2'
        $steps += ', Add-BitsFile ' + (Measure-Call -What 'Add-BitsFile' -Call { Add-BitsFile -BitsJob $job -Source 'http://127.0.0.1:9/second' -Destination $second -ErrorAction Stop })
        $steps += ', Get ' + (Measure-Call -What 'Get-BitsTransfer -JobId' -Call { Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop })
        $steps += ', Resume ' + (Measure-Call -What 'Resume-BitsTransfer' -Call { [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop) })
        Wait-Moment -Milliseconds 3000
        $now = Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop
        $has = $now.PSObject.Properties
        $description = ''
        if ($has['ErrorDescription']) { $description = "$($now.ErrorDescription)" }
        Write-Evidence -Words "3 s after Resume: $($now.JobState) $description"
        $steps += ", then $($now.JobState)"
    }
    $sessions = 'unknown sessions'
    if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
        try { $sessions = Invoke-Program -Name 'query.exe' -Arguments 'session' } catch { Write-Evidence -Words 'query.exe is not there' }
    }
    Write-Answer -Words "$steps. (Sessions: $sessions. Ask again while the same account is logged on at the console or by RDP.)"
}

# One COM call of BITS for each command.
function Test-Bitsadmin {
    Assert-Windows -What 'bitsadmin.exe'
    $name = '"' + (Get-ProbeName -Suffix 'bitsadmin') + '"'
    $path = Get-ProbePath -Suffix 'bitsadmin'
    $create = Invoke-Program -Name 'bitsadmin.exe' -Arguments '/rawreturn', '/create', $name
    $id = [regex]::Match($create, '\{[0-9A-Fa-f-]{36}\}').Value
    if (-not $id) { Write-Answer -Words "CreateJob fails: $create"; return }
    $add = Invoke-Program -Name 'bitsadmin.exe' -Arguments '/addfile', $id, 'http://127.0.0.1:9/nothing', $path
    $resume = Invoke-Program -Name 'bitsadmin.exe' -Arguments '/resume', $id
    [void](Invoke-Program -Name 'bitsadmin.exe' -Arguments '/info', $id, '/verbose')
    [void](Invoke-Program -Name 'bitsadmin.exe' -Arguments '/cancel', $id)
    $codes = foreach ($text in $create, $add, $resume) {
        $code = [regex]::Match($text, '0x[0-9a-fA-F]{8}').Value
        if ($code) { $code } else { 'ok' }
    }
    Write-Answer -Words "CreateJob $($codes[0]), AddFile $($codes[1]), Resume $($codes[2])."
}

function Test-OwnList {
    $import = Measure-Call -What 'import of BitsTransfer' -Call { Import-BitsModule }
    $own = Measure-Call -What 'Get-BitsTransfer' -Call { Get-BitsTransfer -ErrorAction Stop }
    $all = Measure-Call -What 'Get-BitsTransfer -AllUsers' -Call { Get-BitsTransfer -AllUsers -ErrorAction Stop }
    Write-Answer -Words "Import-Module $import, Get-BitsTransfer $own, with -AllUsers $all."
}
