# The loop, the watchdog over it, and the relay that it becomes.

function Start-Watchdog {
    $dog = New-Worker
    $script = 'param($watch) while ($true) { [Threading.Thread]::Sleep(250); if ($watch.Clock.ElapsedMilliseconds -gt $watch.Due) { [Environment]::Exit(10) } }'
    [void]$dog.AddScript($script).AddArgument($Watch)
    [void]$dog.BeginInvoke()
}

# After an elevation this process only carries bytes between its client and the agent as SYSTEM. No script runs per line,
# and what the client sends is for that agent alone, so nothing may have been read ahead: the client waits for the end of
# elevate's answer.
function Start-Relay($Pipe) {
    $toPeer = $Reader.BaseStream.CopyToAsync($Pipe)
    $fromPeer = $Pipe.CopyToAsync($Agent.Output)
    $ended = [Threading.Tasks.Task]::WaitAny([Threading.Tasks.Task[]]@($toPeer, $fromPeer), $LifeLimit)
    if ($ended -lt 0) { [Environment]::Exit(14) }
    if ($ended -eq 0 -and -not $toPeer.IsFaulted) { [Environment]::Exit(0) } # the client is gone; the pipe ends with us
    $Agent.Output.WriteByte(10) # the last line of the peer may have no end
    Send-Line -Object '{"b":0,"fatal":"peer_exit"}'
    [Environment]::Exit(9)
}

# Answers batches until the client is gone. The last line of an agent calls it.
function Start-Agent {
    Start-Watchdog
    $born = [Diagnostics.Stopwatch]::StartNew()
    while ((Get-Age -Born $born) -lt $LifeLimit) {
        $reading = $Reader.ReadLineAsync()
        try { if (-not $reading.Wait((Get-Limit -Milliseconds $IdleLimit))) { [Environment]::Exit(7) } } catch { [Environment]::Exit(8) }
        $line = $reading.Result
        if ($null -eq $line) { [Environment]::Exit(0) }
        $at = $line.IndexOf("$Token ", [StringComparison]::Ordinal)
        if ($at -lt 0) { continue }
        $object = ''
        if ($line.Length -lt $MaxLine) { $object = $line.Substring($at + $Token.Length + 1) }
        if ($object.StartsWith('secret ') -and (Save-Secret -Object $object)) { continue }
        $request = Read-Request -Object $object
        if ($null -eq $request) { Send-Line -Object '{"b":0,"fatal":"bad_line"}' } else { Invoke-Batch -Request $request }
        $Agent.Secrets.Clear()
        if ($Agent.Peer) { Start-Relay -Pipe $Agent.Peer }
    }
    [Environment]::Exit(14)
}
