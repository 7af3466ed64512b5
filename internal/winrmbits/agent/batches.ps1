# Batches: the operations, running them, answering them, and remembering the last batch.

# One row per operation. Cmdlets: it calls the cmdlets of BITS. Mutating: it changes the host, so that its result is a
# line of its own, sent when the operation ends, and is sent again, not made again, when the batch is repeated.
$Operations = @{
    hello    = @{ Run = 'Invoke-Hello' }
    host     = @{ Run = 'Get-HostState' }
    list     = @{ Run = 'Invoke-List'; Cmdlets = $true }
    get      = @{ Run = 'Invoke-Get'; Cmdlets = $true }
    create   = @{ Run = 'Invoke-Create'; Cmdlets = $true; Mutating = $true }
    commit   = @{ Run = 'Invoke-Commit'; Cmdlets = $true; Mutating = $true }
    adopt    = @{ Run = 'Invoke-Adopt'; Cmdlets = $true; Mutating = $true }
    change   = @{ Run = 'Invoke-Change'; Cmdlets = $true; Mutating = $true }
    complete = @{ Run = 'Invoke-Complete'; Cmdlets = $true; Mutating = $true }
    remove   = @{ Run = 'Invoke-Remove'; Cmdlets = $true; Mutating = $true }
    history  = @{ Run = 'Invoke-History' }
    stat     = @{ Run = 'Invoke-Stat' }
    sweep    = @{ Run = 'Invoke-Sweep'; Cmdlets = $true; Mutating = $true }
    elevate  = @{ Run = 'Invoke-Elevate' }
}

# Runs one operation and returns its result as text.
function Get-Result($Op, [int]$Index, $Row) {
    $Agent.Step = ''; $Agent.File = ''; $Agent.Left = ''; $Agent.Index = $Index
    $Agent.Done = [Collections.ArrayList]::new()
    $result = [ordered]@{ i = $Index }
    try {
        if ($null -eq $Row) { throw (New-Failure -Code 'bad_op' -Text 'The agent has no such operation.') }
        $Watch.Due = $Watch.Clock.ElapsedMilliseconds + [int]$Op.ms
        if ($Row['Cmdlets']) { Assert-Module }
        $Agent.Step = 'read'
        $value = & $Row.Run -Op $Op
        $result.v = $value
    } catch { $result.e = Get-Failure -Record $_ }
    ConvertTo-Line -Value $result
}

# Answers one batch.
function Invoke-Batch($Request) {
    if ($Request.b -ne $Agent.Batch) { $Agent.Batch = [int]$Request.b; $Agent.Stored = @{}; $Agent.StoredSize = 0 }
    $ops = @($Request.ops)
    $Agent.Ops = $ops
    for ($i = 0; $i -lt $ops.Count; $i++) {
        $row = $Operations[[string](Get-Field -Op $ops[$i] -Name 'op')]
        $mutating = $null -ne $row -and $row['Mutating']
        if ($Agent.Stored.ContainsKey($i)) { $result = $Agent.Stored[$i] }
        else {
            $result = Get-Result -Op $ops[$i] -Index $i -Row $row
            if ($mutating) { Save-Result -Index $i -Result $result }
        }
        if (-not $mutating) { Add-Result -Result $result; continue }
        if ($Agent.Results.Count -gt 0) { Send-Results -End $false }
        [void]$Agent.Results.Add($result)
        if ($i -lt $ops.Count - 1) { Send-Results -End $false } # the last one carries the end
    }
    Send-Results -End $true
    $Watch.Due = [long]::MaxValue
    $Agent.Listed = $null
    $Agent.Ops = @()
    $Agent.Logs.Clear()
}

# Gathers the result of a read, and sends what is gathered once it is much.
function Add-Result([string]$Result) {
    if ($Agent.ResultSize + $Result.Length -gt $FlushAt -and $Agent.Results.Count -gt 0) { Send-Results -End $false }
    $Agent.ResultSize += $Result.Length
    [void]$Agent.Results.Add($Result)
}

function Send-Results([bool]$End) {
    $line = '{"b":' + $Agent.Batch + ',"r":[' + ($Agent.Results.ToArray() -join ',') + ']'
    if ($End) { $line += ',"end":true' }
    Send-Line -Object ($line + '}')
    $Agent.Results.Clear()
    $Agent.ResultSize = 0
}

# Keeps the result of a change for a repetition of its batch.
function Save-Result([int]$Index, [string]$Result) {
    if ($Agent.StoredSize + $Result.Length -gt $KeepAtMost) {
        $Agent.StoredSize = $KeepAtMost # nothing after it is kept, either
        $lost = [ordered]@{ code = 'refused'; step = 'repeat'; hresult = $null; text = 'the result was too large to be kept' }
        $Result = ConvertTo-Line -Value ([ordered]@{ i = $Index; e = $lost })
    } else { $Agent.StoredSize += $Result.Length }
    $Agent.Stored[$Index] = $Result
}

# Elevates by what only an agent that changes something needs. Its text comes with the operation, because most agents only read.
function Invoke-Elevate($Op) {
    $Agent.Step = 'elevate'
    if (-not $Text) { throw (New-Failure -Code 'refused' -Text 'This agent runs as SYSTEM.') }
    $token = Get-Token -Op $Op
    $changes = [string]$Op.text
    . ([ScriptBlock]::Create($changes))
    Start-Elevation -Token $token -Milliseconds $Op.ms -AgentText $Text.Insert($Text.LastIndexOf('Start-Agent'), $changes)
}
