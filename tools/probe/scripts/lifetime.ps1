# How long processes outlive a shell that ends.

# Starts a process as SYSTEM, tells who is there, and holds on until its shell is gone.
function Test-Hold {
    $echo = Start-SystemEcho
    $parent = 0
    if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
        $parent = (Get-CimInstance -ClassName Win32_Process -Filter "ProcessId=$PID").ParentProcessId
    }
    Send-Line -Object (ConvertTo-Line -Value ([ordered]@{ ready = 1; shell = $PID; parent = [int]$parent; system = [int]$echo.Process }))
    # As the agent's relay does it: nothing but the pipes tells that the client is gone.
    $gone = $Reader.BaseStream.CopyToAsync($echo.Pipe)
    $back = $echo.Pipe.CopyToAsync($Output)
    [void][Threading.Tasks.Task]::WaitAny([Threading.Tasks.Task[]]@($gone, $back), 600000)
}

# Watches processes until they have ended, after it has ended one of them if it is told to.
function Test-Watch {
    $watched = @($Probe.Data.watch)
    $ended = @{}
    Send-Line -Object '{"ready":1}'
    [void]$Reader.ReadLine() # the client says when
    $clock = [Diagnostics.Stopwatch]::StartNew()
    if ($Probe.Data.kill) { [Diagnostics.Process]::GetProcessById([int]$Probe.Data.kill).Kill() }
    while ($ended.Count -lt $watched.Count -and $clock.Elapsed.TotalSeconds -lt 60) {
        foreach ($id in $watched) {
            if ($ended.ContainsKey($id)) { continue }
            $alive = $true
            try { $alive = -not [Diagnostics.Process]::GetProcessById([int]$id).HasExited } catch { $alive = $false }
            if (-not $alive) { $ended[$id] = [int]$clock.ElapsedMilliseconds }
        }
        Wait-Moment -Milliseconds 100
    }
    Write-Answer -Words (@(foreach ($id in $watched) {
        if ($ended.ContainsKey($id)) { "process $id ended after $($ended[$id]) ms" } else { "process $id lives after 60 s" }
    }) -join ', ')
}

# A service that is still stopping can't be started, and without it nobody gets at this host any more.
function Start-WinRM {
    for ($try = 1; $try -le 30; $try++) {
        try { Start-Service -Name WinRM -ErrorAction Stop; return } catch { Wait-Moment -Milliseconds 2000 }
    }
    Start-Service -Name WinRM -ErrorAction Stop
}

# As SYSTEM: stops WinRM and starts it again, and writes what became of processes into a file, because nobody can listen.
function Test-StopWinRM {
    Assert-Windows -What 'the service WinRM'
    Add-Restore -What 'the service WinRM' -Undo { Start-WinRM }
    $watched = @($Probe.Data.watch)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    Start-Process -FilePath sc.exe -ArgumentList 'stop', 'WinRM' -WindowStyle Hidden # does not wait
    $words = New-Object -TypeName Collections.ArrayList
    $left = New-Object -TypeName Collections.ArrayList -ArgumentList (, $watched)
    while ($left.Count -gt 0 -and $clock.Elapsed.TotalSeconds -lt 40) {
        foreach ($id in @($left.ToArray())) {
            $alive = $true
            try { $alive = -not [Diagnostics.Process]::GetProcessById([int]$id).HasExited } catch { $alive = $false }
            if (-not $alive) { [void]$left.Remove($id); [void]$words.Add("process $id ended after $([int]$clock.ElapsedMilliseconds) ms") }
        }
        Wait-Moment -Milliseconds 100
    }
    foreach ($id in $left) { [void]$words.Add("process $id lives after 40 s") }
    Start-WinRM
    [IO.File]::WriteAllText($Probe.Data.file, ($words.ToArray() -join ', '))
}

# What Test-StopWinRM wrote.
function Test-Stopped {
    Write-Answer -Words ([IO.File]::ReadAllText($Probe.Data.file))
    [IO.File]::Delete($Probe.Data.file)
}
