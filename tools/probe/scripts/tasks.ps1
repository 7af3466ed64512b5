# Processes that the task scheduler starts as SYSTEM, and the pipe to them.

# Its text goes into a task as its command, beside Get-PipeOwner and Open-RelayPipe of the agent: no double quotes, no
# comments, statements end in semicolons. The process says who owns the pipe, then echoes bytes until the pipe ends.
function Start-Echo {
    param([string]$PipeName)
    $env:PSModulePath = [IO.Path]::Combine($PSHOME, 'Modules');
    $stream = Open-RelayPipe -Name $PipeName;
    $owner = try { Get-PipeOwner -Pipe $stream } catch { 'unreadable: ' + $_.Exception.Message };
    $words = [Text.Encoding]::ASCII.GetBytes($owner + ' ' + [Diagnostics.Process]::GetCurrentProcess().Id + [char]10);
    $stream.Write($words, 0, $words.Length);
    $bytes = [byte[]](, 0 * 1);
    while ($stream.Read($bytes, 0, 1) -eq 1) { $stream.Write($bytes, 0, 1) };
    exit 0
}

function Get-EchoCommand([string]$Pipe) {
    $text = ''
    foreach ($name in 'Get-PipeOwner', 'Open-RelayPipe', 'Start-Echo') {
        $text += 'function ' + $name + ' { ' + (Get-Command -Name $name -CommandType Function).Definition + ' } '
    }
    '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -Command "' + [regex]::Replace($text, '\s+', ' ') + "Start-Echo -PipeName '$Pipe'" + '"'
}

# Starts an echo as SYSTEM. Its task is deleted at once, unless it is to be kept.
function Start-SystemEcho([string]$Limit, [bool]$Keep) {
    $name = $PipePrefix + (New-Nonce)
    $pipe = New-SystemPipe -Name $name
    Add-Restore -What "pipe $name" -With $pipe -Undo { param($With) $With.Dispose() }
    $service = Connect-TaskService
    $folder = $service.GetFolder('\')
    $definition = $service.NewTask(0)
    $stamp = [datetime]::UtcNow.ToString($TaskTime, [Globalization.CultureInfo]::InvariantCulture)
    $taskName = $TaskPrefix + $stamp + ' ' + (New-Nonce).Substring(0, 8)
    $task = Register-SystemTask -Folder $folder -Name $taskName -Definition $definition -Arguments (Get-EchoCommand -Pipe $name)
    Add-Restore -What "task $($task.Name)" -With $task.Name -Undo { param($With) Remove-Task -Folder (Connect-TaskService).GetFolder('\') -Name $With }
    if ($Limit) { # registered again under the same name, with another limit
        Remove-Task -Folder $folder -Name $task.Name
        $definition.Settings.ExecutionTimeLimit = $Limit
        $task = $folder.RegisterTaskDefinition($task.Name, $definition, 2, $null, $null, 5, 'D:P(A;;FA;;;SY)(A;;FA;;;BA)')
    }
    $watch = [Diagnostics.Stopwatch]::StartNew()
    [void]$task.Run($null)
    Wait-Peer -Pipe $pipe -Task $task -Began $watch -Milliseconds (Get-Limit -Milliseconds 30000)
    $time = [int]$watch.ElapsedMilliseconds
    if (-not $Keep) { Remove-Task -Folder $folder -Name $task.Name }
    $lines = New-Object -TypeName IO.StreamReader -ArgumentList $pipe, ([Text.Encoding]::ASCII), $false, 1024
    $reading = $lines.ReadLineAsync()
    if (-not $reading.Wait((Get-Limit -Milliseconds 10000))) { throw (New-Failure -Code 'refused' -Text 'The process as SYSTEM said nothing.') }
    $words = "$($reading.Result)"
    @{ Pipe = $pipe; Milliseconds = $time; Owner = $words.Substring(0, $words.LastIndexOf(' ')); Process = $words.Substring($words.LastIndexOf(' ') + 1); Task = $task; Folder = $folder }
}

# Whether the process at the other end still echoes.
function Test-Echo($Echo) {
    try {
        $byte = [byte[]](, 42 * 1)
        if (-not $Echo.Pipe.WriteAsync($byte, 0, 1).Wait((Get-Limit -Milliseconds 3000))) { return $false }
        $reading = $Echo.Pipe.ReadAsync($byte, 0, 1)
        return ($reading.Wait((Get-Limit -Milliseconds 3000)) -and $reading.Result -eq 1)
    } catch { return $false }
}

function Test-TaskLife {
    $times = @(for ($i = 0; $i -lt [int]$Probe.Data.count; $i++) {
        $echo = Start-SystemEcho
        $echo.Milliseconds
        $echo.Pipe.Dispose()
    })
    Write-Evidence -Words "from Run to connect, in ms: $($times -join ' ')"
    $free = Start-SystemEcho
    $limited = Start-SystemEcho -Limit 'PT1M'
    Write-Evidence -Words "both tasks are deleted; processes $($free.Process) and $($limited.Process)"
    Wait-Moment -Milliseconds (1000 * [int]$Probe.Data.patience)
    $lives = Test-Echo -Echo $free
    Wait-Moment -Milliseconds (250 * [int]$Probe.Data.patience)
    $ended = -not (Test-Echo -Echo $limited)
    $sorted = @($times | Sort-Object)
    Write-Answer -Words "$($Probe.Data.patience) s after its task was deleted the process lives: $lives. With a limit of PT1M it was ended: $ended. Run to connect: $($sorted[0]) to $($sorted[-1]) ms in $($times.Count) runs."
}

function Test-PipeOwner {
    $echo = Start-SystemEcho
    $caller = Get-CallerIdentity
    Write-Evidence -Words "this account is $($caller.Account) $($caller.Sid), elevated $($caller.Elevated); the client saw the owner $($echo.Owner)"
    Write-Answer -Words "BeginWaitForConnection works; SYSTEM connects and sees $($echo.Owner), which is this account: $($echo.Owner -eq $caller.Sid)."
}

function Test-DeleteRunning {
    $echo = Start-SystemEcho -Keep $true
    Write-Evidence -Words "state before: $($echo.Task.State) (4 is running)"
    $code = Measure-Call -What 'DeleteTask while it runs' -Call { $echo.Folder.DeleteTask($echo.Task.Name, 0) }
    $state = Measure-Call -What 'State of the deleted task' -Call { Write-Evidence -Words "state after: $($echo.Task.State)" }
    Write-Answer -Words "DeleteTask $code; its process lives: $(Test-Echo -Echo $echo); State of the deleted task: $state."
}
