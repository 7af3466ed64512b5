# The relay: after an elevation this process only carries bytes between its client and the agent as SYSTEM. There is no
# script per line, and what the client sends is for that agent alone, so nothing may have been read ahead: the client
# waits for the end of elevate's answer.

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
