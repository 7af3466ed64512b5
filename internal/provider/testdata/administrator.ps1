# Changes a Windows host outside Terraform, for the acceptance tests. The request comes as JSON on stdin. Jobs belong to
# SYSTEM and only SYSTEM can change them, so those requests run in a scheduled task, which runs this script again with
# files for request and answer.
param([string]$RequestFile, [string]$AnswerFile)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Get-BitsJob([string]$Id) {
    Get-BitsTransfer -JobId ([Guid]$Id) -ErrorAction Stop
}

function Get-Result($Request) {
    switch ($Request.do) {
        'list' {
            $jobs = @(foreach ($job in (Get-BitsTransfer -AllUsers -ErrorAction Stop)) {
                @{
                    id = $job.JobId.ToString('D')
                    display_name = $job.DisplayName
                    priority = "$($job.Priority)".ToLowerInvariant()
                    state = "$($job.JobState)".ToLowerInvariant()
                }
            })
            return , $jobs
        }
        'priority' {
            [void](Set-BitsTransfer -BitsJob (Get-BitsJob -Id $Request.id) -Priority $Request.priority -ErrorAction Stop)
            return @{}
        }
        'complete' {
            Complete-BitsTransfer -BitsJob (Get-BitsJob -Id $Request.id) -ErrorAction Stop
            return @{}
        }
        'remove' {
            Remove-BitsTransfer -BitsJob (Get-BitsJob -Id $Request.id) -ErrorAction Stop
            return @{}
        }
        'size' {
            if (-not [IO.File]::Exists($Request.path)) { return -1 }
            return (New-Object -TypeName IO.FileInfo -ArgumentList $Request.path).Length
        }
        'delete' {
            [IO.File]::Delete($Request.path)
            return @{}
        }
    }
    throw "unknown request: $($Request.do)"
}

function Get-Answer($Request) {
    try { $answer = @{ failed = ''; result = (Get-Result -Request $Request) } }
    catch { $answer = @{ failed = "$($_.Exception.Message) [$($_.FullyQualifiedErrorId)]"; result = $null } }
    ConvertTo-Json -InputObject $answer -Depth 4 -Compress
}

# Runs this script as SYSTEM and returns its answer.
function Get-SystemAnswer([string]$Text) {
    $name = 'terraform-provider-bits acceptance ' + [Guid]::NewGuid().ToString('N')
    $request = Join-Path -Path $env:SystemRoot -ChildPath "Temp\$name.request.json"
    $answer = Join-Path -Path $env:SystemRoot -ChildPath "Temp\$name.answer.json"
    [IO.File]::WriteAllText($request, $Text)
    $arguments = '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{0}" -RequestFile "{1}" -AnswerFile "{2}"'
    $arguments = $arguments -f $PSCommandPath, $request, $answer
    $action = New-ScheduledTaskAction -Execute (Join-Path -Path $PSHOME -ChildPath 'powershell.exe') -Argument $arguments
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -LogonType ServiceAccount -RunLevel Highest
    [void](Register-ScheduledTask -TaskName $name -Action $action -Principal $principal)
    try {
        Start-ScheduledTask -TaskName $name
        $waited = [Diagnostics.Stopwatch]::StartNew()
        while (-not [IO.File]::Exists($answer)) {
            if ($waited.Elapsed.TotalSeconds -gt 60) { throw 'no answer from the SYSTEM task' }
            Start-Sleep -Milliseconds 200
        }
        [IO.File]::ReadAllText($answer)
    } finally {
        Unregister-ScheduledTask -TaskName $name -Confirm:$false
        [IO.File]::Delete($request)
        [IO.File]::Delete($answer)
    }
}

if ($RequestFile) {
    $answer = Get-Answer -Request (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($RequestFile)))
    [IO.File]::WriteAllText("$AnswerFile.part", $answer)
    [IO.File]::Move("$AnswerFile.part", $AnswerFile) # a reader never sees a part of it
    exit 0
}
$text = [Console]::In.ReadToEnd()
$request = ConvertFrom-Json -InputObject $text
if (@('priority', 'complete', 'remove') -contains $request.do) { Get-SystemAnswer -Text $text } else { Get-Answer -Request $request }
