# The loop, and the watchdog over it.

function Start-Watchdog {
    $dog = [PowerShell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    [void]$dog.AddScript('param($watch) while ($true) { [Threading.Thread]::Sleep(250); if ([datetime]::UtcNow -gt $watch.Due) { [Environment]::Exit(10) } }').AddArgument($Watch)
    [void]$dog.BeginInvoke()
}

Start-Watchdog
$born = [Diagnostics.Stopwatch]::StartNew()
while ((Get-Age -Born $born) -lt $LifeLimit) {
    $reading = $Reader.ReadLineAsync()
    try { if (-not $reading.Wait($IdleLimit)) { [Environment]::Exit(7) } } catch { [Environment]::Exit(8) }
    $line = $reading.Result
    if ($null -eq $line) { [Environment]::Exit(0) }
    $at = $line.IndexOf("$Token ", [StringComparison]::Ordinal)
    if ($at -lt 0) { continue }
    $request = Read-Request -Line $line -At $at
    if ($null -eq $request) { Send-Line -Object '{"b":0,"fatal":"bad_line"}'; continue }
    if (Invoke-Batch -Request $request) { [Environment]::Exit(0) }
    if ($Agent.Peer) { Start-Relay -Pipe $Agent.Peer }
}
[Environment]::Exit(14)
