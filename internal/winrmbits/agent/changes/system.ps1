# What the task starts as SYSTEM. The text of these functions is its command, on one line: statements end in semicolons,
# and there is neither a double quote nor a comment in them, nor what the task scheduler would replace. No command of a module runs
# before the module path is Windows' own alone, and none before the owner of the pipe and its nonce are checked. Whoever made the
# pipe deletes the task, unless it was gone before: then the process does that.

function Open-RelayPipe {
    param([string]$Name)
    $to = [IO.Pipes.PipeDirection]::InOut;
    $way = [IO.Pipes.PipeOptions]::Asynchronous;
    $level = [Security.Principal.TokenImpersonationLevel]::Identification;
    $pipe = [IO.Pipes.NamedPipeClientStream]::new('.', $Name, $to, $way, $level);
    $pipe.Connect(3000);
    $pipe
}

function Remove-OwnTask {
    param([string]$Name)
    $service = [Activator]::CreateInstance([Type]::GetTypeFromProgID('Schedule.Service'));
    [void]$service.Connect();
    [void]$service.GetFolder('\').DeleteTask($Name, 0);
}

function Start-SystemAgent {
    param([string]$PipeName, [string]$Owner, [string]$Expect, [string]$Show, [string]$Task)
    $ErrorActionPreference = 'Stop';
    $ProgressPreference = 'SilentlyContinue';
    $WarningPreference = 'SilentlyContinue';
    if ([string]$ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { exit 3 };
    $env:PSModulePath = [IO.Path]::Combine($PSHOME, 'Modules');
    try { $stream = Open-RelayPipe -Name $PipeName } catch { try { Remove-OwnTask -Name $Task } catch { exit 11 }; exit 11 };
    try { $sid = Get-PipeOwner -Pipe $stream } catch { exit 12 };
    if ($sid -cne $Owner) { exit 12 };
    try {
        $reader = [IO.StreamReader]::new($stream, [Text.Encoding]::ASCII, $false, 65536);
        $reading = $reader.ReadLineAsync();
        if (-not $reading.Wait(5000)) { exit 13 };
        if ($reading.Result -cne $Expect) { exit 13 };
        $bytes = [Text.Encoding]::ASCII.GetBytes($Show);
        $stream.Write($bytes, 0, $bytes.Length);
        $token = '';
        $text = [Text.StringBuilder]::new();
        while ($true) {
            $reading = $reader.ReadLineAsync();
            if (-not $reading.Wait(30000)) { exit 7 };
            $line = $reading.Result;
            if ($null -eq $line) { exit 4 };
            if ($line -eq '.') { break };
            if ($token -eq '') { $token = $line } else { [void]$text.Append($line).Append([char]10) };
        };
        $agent = [ScriptBlock]::Create($text.ToString());
    } catch { exit 5 };
    . $agent -Token $token -Reader $reader -Output $stream -Text '';
}
