# Batches: running their operations, answering them, and remembering the last one.

$Mutating = 'create', 'commit', 'adopt', 'change', 'complete', 'remove', 'sweep'

function Invoke-Op($Op, [int]$Index, $Results) {
    $name = [string]$Op.op
    if ($name -ceq 'hello') { return Invoke-Hello }
    if ($name -ceq 'host') { return Get-HostState -Op $Op }
    if ($name -ceq 'bye') { return @{} }
    if ($name -ceq 'stat') { return Invoke-Stat -Op $Op }
    if ($name -ceq 'history') { return Invoke-History -Op $Op }
    if ($name -ceq 'elevate') { return Invoke-Elevate -Op $Op }
    Assert-Module
    if ($name -ceq 'create') { $Agent.Step = 'create' } else { $Agent.Step = 'read' }
    switch -CaseSensitive ($name) {
        'list' { return Invoke-List -Op $Op -Index $Index -Results $Results }
        'complete' { return Invoke-Complete -Op $Op }
        'remove' { return Invoke-Remove -Op $Op }
        'sweep' { return Invoke-Sweep }
        'get' { $job = Get-JobById -Id $Op.id }
        'create' { $job = Invoke-Create -Op $Op }
        'adopt' { $job = Invoke-Adopt -Op $Op }
        'commit' { $job = Invoke-Commit -Op $Op }
        'change' { $job = Invoke-Change -Op $Op }
    }
    $Agent.Step = 'read'
    $value = [ordered]@{ job = ConvertTo-JobValue -Job $job }
    $new = $null
    if ($name -ceq 'create') { $new = $value.job.files } elseif ($name -ceq 'change') { $new = Get-Field -Op $Op -Name 'add_files' }
    if ($null -ne $new -and $value.job.transfer_type -cne 'upload') {
        $open = Get-OpenDirectories -Files $new
        if ($open.Count -gt 0) { $value.open_to_users = $open }
    }
    $value
}

function Add-Result($Results, [string]$Result) {
    $size = $Result.Length
    foreach ($r in $Results) { $size += $r.Length }
    if ($size -gt $FlushAt -and $Results.Count -gt 0) { Send-Results -Results $Results -End $false }
    [void]$Results.Add($Result)
}

# Runs one operation, and gives its result as text and whether it failed.
function Get-Result($Op, [int]$Index, [int]$Count, $Failed, $Results) {
    $Agent.Step = ''; $Agent.File = ''; $Agent.Left = ''; $Agent.Secrets.Clear()
    $Agent.Done = New-Object -TypeName Collections.ArrayList
    $fault = Get-Fault -Op $Op -Index $Index -Count $Count
    if ($fault) { return @{ Failed = $true; Text = ConvertTo-Line -Value ([ordered]@{ i = $Index; e = [ordered]@{ code = 'bad_op'; hresult = $null; text = $fault } }) } }
    $after = Get-Field -Op $Op -Name 'after'
    if ($null -ne $after -and $Failed[$after]) {
        return @{ Failed = $true; Text = ConvertTo-Line -Value ([ordered]@{ i = $Index; e = [ordered]@{ code = 'skipped'; hresult = $null } }) }
    }
    $Watch.Due = [datetime]::UtcNow.AddMilliseconds([int]$Op.ms)
    try {
        $value = Invoke-Op -Op $Op -Index $Index -Results $Results
        @{ Failed = $false; Text = ConvertTo-Line -Value ([ordered]@{ i = $Index; v = $value }) }
    } catch {
        @{ Failed = $true; Text = ConvertTo-Line -Value ([ordered]@{ i = $Index; e = Get-Failure -Record $_ }) }
    }
}

# Answers one batch; $true ends the agent.
function Invoke-Batch($Request) {
    if ($Request.b -ne $Agent.Batch) { $Agent.Batch = [int]$Request.b; $Agent.Stored = @{}; $Agent.StoredSize = 0 }
    $ops = @($Request.ops)
    $results = New-Object -TypeName Collections.ArrayList
    $failed = @{}
    for ($i = 0; $i -lt $ops.Count; $i++) {
        $name = $null
        if ($ops[$i] -is [Management.Automation.PSCustomObject]) { $name = Get-Field -Op $ops[$i] -Name 'op' }
        if ($Agent.Stored.ContainsKey($i)) { $result = $Agent.Stored[$i] }
        else {
            $result = Get-Result -Op $ops[$i] -Index $i -Count $ops.Count -Failed $failed -Results $results
            if ($Mutating -ccontains $name) { Save-Result -Index $i -Result $result }
        }
        $failed[$i] = $result.Failed
        if ($Mutating -ccontains $name) {
            if ($results.Count -gt 0) { Send-Results -Results $results -End $false }
            [void]$results.Add($result.Text)
            if ($i -lt $ops.Count - 1) { Send-Results -Results $results -End $false } # the last one carries the end
        } else { Add-Result -Results $results -Result $result.Text }
    }
    Send-Results -Results $results -End $true
    $Watch.Due = [datetime]::MaxValue
    $ops.Count -eq 1 -and -not $failed[0] -and $ops[0].op -ceq 'bye'
}

# Keeps what a change came to, for a repetition of its batch.
function Save-Result([int]$Index, $Result) {
    $kept = $Result
    if ($Agent.StoredSize + $Result.Text.Length -gt $KeepAtMost) {
        $Agent.StoredSize = $KeepAtMost # nothing after it is kept, either
        $lost = [ordered]@{ code = 'refused'; step = 'repeat'; hresult = $null; text = 'the result was too large to be kept' }
        $kept = @{ Failed = $Result.Failed; Text = ConvertTo-Line -Value ([ordered]@{ i = $Index; e = $lost }) }
    } else { $Agent.StoredSize += $Result.Text.Length }
    $Agent.Stored[$Index] = $kept
}
