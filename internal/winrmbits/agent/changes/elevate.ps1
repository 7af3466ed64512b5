# Elevation: an agent as SYSTEM, which the task scheduler starts, and the pipe to it. A job moves only while its owner is
# logged on, and a logon over the network does not count; SYSTEM always does.

$TaskPrefix = 'terraform-provider-bits '
$PipePrefix = 'terraform-provider-bits-'
$TaskTime = "yyyyMMdd'T'HHmmss'Z'"

# Makes the pipe, then the task, and waits for its process; whatever fails, this agent stays as it was.
function Start-Elevation([string]$Token, [int]$Milliseconds, [string]$AgentText) {
    $began = [Diagnostics.Stopwatch]::StartNew()
    $Agent.Step = 'pipe-create'
    $name = $PipePrefix + (New-Nonce)
    $ours = New-Nonce
    $theirs = New-Nonce
    $caller = Get-CallerIdentity
    $owner = $caller.Sid
    $pipe = New-SystemPipe -Name $name
    try {
        $Agent.Step = 'task-register'
        $service = Connect-TaskService
        $folder = $service.GetFolder('\')
        $notes = @(Remove-StaleTask -Folder $folder)
        $stamp = [datetime]::UtcNow.ToString($TaskTime, [Globalization.CultureInfo]::InvariantCulture)
        $taskName = $TaskPrefix + $stamp + ' ' + (New-Nonce).Substring(0, 8)
        $command = Get-SystemCommand -Arguments "-PipeName '$name' -Owner '$owner' -Expect '$ours' -Show '$theirs' -Task '$taskName'"
        $task = Register-SystemTask -Folder $folder -Name $taskName -Definition $service.NewTask(0) -Arguments $command
        try {
            $Agent.Step = 'task-run'
            [void]$task.Run($null)
            $Agent.Step = 'pipe-connect'
            Wait-Peer -Pipe $pipe -Task $task -Began $began -Milliseconds ([Math]::Min((Get-Limit -Milliseconds 30000), [int]($Milliseconds * 0.7)))
        } finally { Remove-Task -Folder $folder -Name $task.Name }
        $Agent.Step = 'handshake'
        Confirm-Peer -Pipe $pipe -Show $ours -Expect $theirs
        Send-Bytes -Pipe $pipe -Text "$Token`n$AgentText.`n"
    } catch {
        $pipe.Dispose()
        throw
    }
    $Agent.Peer = $pipe
    [ordered]@{ account = $caller.Account; sid = $caller.Sid; elevated = [bool]$caller.Elevated; notes = $notes }
}

# 128 random bits, in hexadecimal.
function New-Nonce {
    $bytes = [byte[]](, 0 * 16)
    $random = [Security.Cryptography.RandomNumberGenerator]::Create()
    $random.GetBytes($bytes)
    [BitConverter]::ToString($bytes).Replace('-', '').ToLowerInvariant()
}

# The arguments of the powershell.exe that the task starts: the text of system.ps1 on one line, and what it is to check.
function Get-SystemCommand([string]$Arguments) {
    $text = ''
    foreach ($name in 'Get-PipeOwner', 'Open-RelayPipe', 'Remove-OwnTask', 'Start-SystemAgent') {
        $text += 'function ' + $name + ' { ' + (Get-Command -Name $name -CommandType Function).Definition + ' } '
    }
    $line = [regex]::Replace($text, '\s+', ' ')
    '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -Command "' + $line + 'Start-SystemAgent ' + $Arguments + '"'
}

# Registers a task that runs once and on demand. Should everything else fail it is gone when its trigger, which never
# fires, has ended.
function Register-SystemTask($Folder, [string]$Name, $Definition, [string]$Arguments) {
    $now = [datetime]::UtcNow
    $stamp = "yyyy-MM-dd'T'HH:mm:ss'Z'"
    $Definition.RegistrationInfo.Description = 'Lets terraform-provider-bits manage BITS jobs of SYSTEM. It deletes itself.'
    $Definition.Principal.UserId = 'S-1-5-18'
    $Definition.Principal.LogonType = 5 # a service account
    $Definition.Principal.RunLevel = 1 # the highest
    $Definition.Settings.DisallowStartIfOnBatteries = $false
    $Definition.Settings.StopIfGoingOnBatteries = $false
    $Definition.Settings.Priority = 4 # normal; the default, 7, is below it
    $Definition.Settings.ExecutionTimeLimit = 'PT24H'
    $Definition.Settings.DeleteExpiredTaskAfter = 'PT0S'
    $trigger = $Definition.Triggers.Create(1) # at a time
    $trigger.StartBoundary = $now.AddDays(-1).ToString($stamp, [Globalization.CultureInfo]::InvariantCulture)
    $trigger.EndBoundary = $now.AddMinutes(10).ToString($stamp, [Globalization.CultureInfo]::InvariantCulture)
    $action = $Definition.Actions.Create(0) # a program
    $action.Path = Join-Path -Path $PSHOME -ChildPath 'powershell.exe'
    $action.Arguments = $Arguments
    $Folder.RegisterTaskDefinition($Name, $Definition, 2, $null, $null, 5, 'D:P(A;;FA;;;SY)(A;;FA;;;BA)') # 2: it must be new
}

# Removes tasks that another agent left behind, by the time in their names. Returns what could not be read of them: hosts have tasks
# that are damaged, and such a task stops nothing.
function Remove-StaleTask($Folder) {
    $culture = [Globalization.CultureInfo]::InvariantCulture
    $count = 0
    try {
        $tasks = $Folder.GetTasks(1) # hidden ones, too
        $count = [int]$tasks.Count
    } catch { "the tasks: $($_.Exception.Message)" }
    for ($i = $count; $i -ge 1; $i--) { # by number, for an enumeration ends at the first that is damaged
        try {
            $name = [string]$tasks.Item($i).Name
            if (-not $name) { throw 'It shows no name.' }
            if (-not $name.StartsWith($TaskPrefix, [StringComparison]::Ordinal)) { continue }
            $made = [datetime]::MinValue
            $time = $name.Substring($TaskPrefix.Length).Split(' ')[0]
            $ours = [datetime]::TryParseExact($time, $TaskTime, $culture, 'AssumeUniversal, AdjustToUniversal', [ref]$made)
            if ($ours -and $made -lt [datetime]::UtcNow.AddMinutes(-15)) { Remove-Task -Folder $Folder -Name $name }
        } catch { "task $i of ${count}: $($_.Exception.Message)" }
    }
}

# Its process lives on. What can't be deleted expires.
function Remove-Task($Folder, [string]$Name) {
    try { [void]$Folder.DeleteTask($Name, 0) } catch { return }
}

# Waits until the task's process has opened the pipe, unless it ends before or never starts. The deadline of the
# operation, at which this process would end, is not to be met.
function Wait-Peer($Pipe, $Task, $Began, [int]$Milliseconds) {
    $waiting = $Pipe.BeginWaitForConnection($null, $null)
    while (-not $waiting.AsyncWaitHandle.WaitOne(100)) {
        try {
            $state = $Task.State # before the result: that of a task that is ready is its last one
            $result = [int]($Task.LastTaskResult -as [int])
        } catch { $state = $null }
        if ($null -eq $state) { $state = 3; $result = 11 } # the process deletes its task when it finds no pipe
        $problem = ''
        # 3: ready. It may have started between the two reads. 0x41301: runs; 0x41303: has not run; 0x41325: queued.
        if ($state -eq 3 -and $result -notin 0x41301, 0x41303, 0x41325) { $problem = 'The task ended before it connected.' }
        elseif ($Began.ElapsedMilliseconds -gt $Milliseconds) { $problem = 'The task did not connect in time.' }
        if ($problem) {
            $failure = New-Failure -Code 'refused' -Text $problem
            $failure.Data['task_result'] = '0x{0:X8}' -f $result
            throw $failure
        }
    }
    $Pipe.EndWaitForConnection($waiting)
}

# Shows our nonce and expects theirs, and reads not a byte more than that.
function Confirm-Peer($Pipe, [string]$Show, [string]$Expect) {
    Send-Bytes -Pipe $Pipe -Text "$Show`n"
    $limit = Get-Limit -Milliseconds 5000
    $waited = [Diagnostics.Stopwatch]::StartNew()
    $bytes = [byte[]](, 0 * $Expect.Length)
    for ($n = 0; $n -lt $bytes.Length; $n += $reading.Result) {
        $reading = $Pipe.ReadAsync($bytes, $n, $bytes.Length - $n)
        $left = [Math]::Max(0, $limit - [int]$waited.ElapsedMilliseconds)
        try { $came = $reading.Wait($left) -and $reading.Result -gt 0 } catch { $came = $false }
        if (-not $came) { throw (New-Failure -Code 'refused' -Text 'The process that opened the pipe did not show its nonce.') }
    }
    if ([Text.Encoding]::ASCII.GetString($bytes) -cne $Expect) {
        throw (New-Failure -Code 'refused' -Text 'The process that opened the pipe showed a wrong nonce.')
    }
}

function Send-Bytes($Pipe, [string]$Text) {
    $bytes = [Text.Encoding]::ASCII.GetBytes($Text)
    try { $went = $Pipe.WriteAsync($bytes, 0, $bytes.Length).Wait((Get-Limit -Milliseconds 5000)) } catch { $went = $false }
    if (-not $went) { throw (New-Failure -Code 'refused' -Text 'The process that opened the pipe does not read.') }
}
