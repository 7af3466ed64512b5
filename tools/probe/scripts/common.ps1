# What the scripts of all questions share. It stands behind the functions of the agent, which are asked as they ship.

$ProbePrefix = 'terraform-provider-bits probe '
$NoServer = 'give -serve, an address of this machine that the host can reach'

# What changes while a question is asked.
$Probe = @{ Data = $null; Until = $null; Lines = $null; Answer = ''; Keep = $false; Job = $null; Restore = (New-Object -TypeName Collections.ArrayList); Left = (New-Object -TypeName Collections.ArrayList) }

function Write-Evidence([string]$Words) { Send-Line -Object (ConvertTo-Line -Value ([ordered]@{ evidence = $Words })) }

function Write-Answer([string]$Words) {
    if ($Probe.Answer) { $Probe.Answer += ' ' }
    $Probe.Answer += $Words
}

# Ends a question that this host can't answer.
function Skip-Question([string]$Why) { throw (New-Failure -Code 'not_here' -Text $Why) }

function Assert-Windows([string]$What) {
    if ([Environment]::OSVersion.Platform -ne 'Win32NT') { Skip-Question -Why "$What is on Windows only" }
}

function Assert-Server {
    if (-not $Probe.Data.url) { Skip-Question -Why $NoServer }
}

# What an error record says: code, type, id and words.
function Format-Failure($Record) {
    $failure = Get-Failure -Record $Record
    $code = $failure.hresult
    if ($null -eq $code) { $code = 'no HRESULT' }
    "$code $($failure.type) [$($failure.fqeid)] $($failure.text)"
}

# Makes a call, writes down what came of it, and gives 'ok' or its code.
function Measure-Call([string]$What, [scriptblock]$Call) {
    try {
        [void](. $Call)
        Write-Evidence -Words "${What}: ok"
        'ok'
    } catch {
        if ($_.Exception.Data.Contains('code') -and $_.Exception.Data['code'] -eq 'not_here') { throw }
        Write-Evidence -Words "${What}: $(Format-Failure -Record $_)"
        $code = Get-HResult -Exception $_.Exception
        if ($null -eq $code) { $code = [string]$_.FullyQualifiedErrorId }
        $code
    }
}

function Wait-Moment([int]$Milliseconds) { [Threading.Thread]::Sleep($Milliseconds) }

# Has something undone when the question ends, whatever comes of it; the last first.
function Add-Restore([string]$What, [scriptblock]$Undo, $With) {
    [void]$Probe.Restore.Insert(0, @{ What = $What; Undo = $Undo; With = $With })
}

# A name that the sweep at the end knows.
function Get-ProbeName([string]$Suffix) { $ProbePrefix + $Probe.Data.id + ' ' + $Suffix }

function Get-ProbePath([string]$Suffix) { 'C:\ProgramData\terraform-provider-bits-probe-' + $Probe.Data.id + '-' + $Suffix }

# The file's place for .NET; the agent's function is it.
function Remove-ProbeFile([string]$Path) {
    $place = Get-Place -Path $Path
    if (-not [IO.File]::Exists($place)) { return }
    [IO.File]::SetAttributes($place, 'Normal')
    [IO.File]::Delete($place)
}

# A suspended job of this account.
function New-ProbeJob([string]$Suffix, [string]$Url, [hashtable]$More) {
    $path = Get-ProbePath -Suffix $Suffix
    Add-Restore -What "file $path" -With $path -Undo { param($With) Remove-ProbeFile -Path $With }
    if (-not $Url) { $Url = 'http://127.0.0.1:9/nothing' }
    $arguments = @{ Source = $Url; Destination = $path; DisplayName = (Get-ProbeName -Suffix $Suffix); Suspended = $true; Asynchronous = $true; Priority = 'Normal'; ErrorAction = 'Stop' }
    if ($More) { foreach ($name in $More.Keys) { $arguments[$name] = $More[$name] } }
    Start-BitsTransfer @arguments
}

function Get-ProbeJob([bool]$AllUsers) {
    foreach ($job in (Get-VisibleJob -AllUsers $AllUsers)) {
        if ([string]$job.DisplayName -clike "$($ProbePrefix)$($Probe.Data.id)*") { $job }
    }
}

# Waits until a job is in one of these states, and gives the state it is in.
function Wait-Job([Guid]$Id, [string[]]$For, [int]$Seconds) {
    $waited = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $job = Get-BitsTransfer -JobId $Id -ErrorAction Stop
        $state = [string]$job.JobState
        if ($For -contains $state -or $waited.Elapsed.TotalSeconds -gt $Seconds) { return $state }
        Wait-Moment -Milliseconds 250
    }
}

# Runs a question in a process as SYSTEM, which the agent's own elevation starts and which later questions use, too, and
# returns its last line. Its evidence goes to the client.
function Invoke-AsSystem([string]$Question) {
    if (-not $Agent.Peer) {
        [void](Start-Elevation -Token $Token -Milliseconds 600000 -AgentText $Text) # the agent's own limit is shorter
        $Probe.Lines = New-Object -TypeName IO.StreamReader -ArgumentList $Agent.Peer, ([Text.Encoding]::ASCII), $false, 4096
    }
    $said = $null
    try {
        $data = $Probe.Data.PSObject.Copy()
        $data.question = $Question
        $data.as_system = $false
        Send-Bytes -Pipe $Agent.Peer -Text "$Token $(ConvertTo-Line -Value $data)`n"
        while ($null -eq $said) { $said = Read-SystemLine }
        $said
    } finally {
        if ($null -eq $said) { # its end, too
            $Probe.Lines.Dispose()
            $Agent.Peer = $null
        }
    }
}

# Reads a line of the process as SYSTEM, and returns it if it is the last one of a question.
function Read-SystemLine {
    $reading = $Probe.Lines.ReadLineAsync()
    if (-not $reading.Wait(1000 * [int]$Probe.Data.seconds)) { throw (New-Failure -Code 'refused' -Text 'The process as SYSTEM said nothing.') }
    $line = $reading.Result
    if ($null -eq $line) { throw (New-Failure -Code 'refused' -Text 'The process as SYSTEM ended without an answer.') }
    $at = $line.IndexOf("$Token ", [StringComparison]::Ordinal)
    if ($at -lt 0) { return }
    $said = ConvertFrom-Json -InputObject $line.Substring($at + $Token.Length + 1)
    if ($said.PSObject.Properties['status']) { return $said }
    if ($said.PSObject.Properties['evidence']) { Write-Evidence -Words "as SYSTEM: $($said.evidence)" }
}

# As SYSTEM, where what came of it is an error of this question.
function Invoke-SystemStep([string]$Question) {
    $said = Invoke-AsSystem -Question $Question
    if ($said.status -ne 'answered') { throw (New-Failure -Code 'refused' -Text "As SYSTEM, ${Question}: $($said.answer)") }
    foreach ($left in @($said.left)) { if ($left) { [void]$Probe.Left.Add($left) } }
    $said.answer
}

# Runs a program of Windows and gives what it prints, errors included, and writes it down.
function Invoke-Program([string]$Name, [string[]]$Arguments) {
    $start = New-Object -TypeName Diagnostics.ProcessStartInfo -ArgumentList $Name, ($Arguments -join ' ')
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.RedirectStandardInput = $true # not the pipe of this conversation
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $complaint = $process.StandardError.ReadToEndAsync()
    $text = $process.StandardOutput.ReadToEnd() + $complaint.Result
    $process.WaitForExit()
    $text = [regex]::Replace($text, '\s+', ' ').Trim()
    Write-Evidence -Words "$Name $($Arguments -join ' '): exit code $($process.ExitCode); $text"
    $text
}
