# The agent: answers batches of operations on BITS, one line of ASCII JSON each, until stdin ends.
param([string]$Token, [IO.StreamReader]$Reader)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
Remove-TypeData -TypeName System.Array -ErrorAction Ignore # its Count would turn arrays into objects in JSON

$MaxLine = 1MB
$MaxPage = 200
$FlushAt = 256KB
$KeepAtMost = 1MB
$IdleLimit = 30000
$PendingPrefix = 'terraform-provider-bits pending '

# What changes while the agent runs.
$Agent = @{
    Output = [Console]::OpenStandardOutput(); Batch = 0; Stored = @{}; StoredSize = 0
    Step = ''; File = ''; Done = $null; Left = ''
    Module = $null; AllUsers = $null; Sids = @{}
}
# What the watchdog reads: it ends the process when an operation, or writing its answer, takes too long.
$Watch = [hashtable]::Synchronized(@{ Due = [datetime]::MaxValue })

# --- What only Windows has. Each of these is replaced where the agent is tested elsewhere. ---

function Import-BitsModule {
    # By full path: SYSTEM must not search PSModulePath.
    Import-Module -Name (Join-Path -Path $PSHOME -ChildPath 'Modules\BitsTransfer\BitsTransfer.psd1') -ErrorAction Stop
}

function Get-CallerIdentity {
    $user = [Security.Principal.WindowsIdentity]::GetCurrent()
    $role = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $user
    $elevated = $role.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    @{ Account = $user.Name; Sid = $user.User.Value; Elevated = $elevated }
}

function ConvertTo-Sid([string]$Account) {
    (New-Object -TypeName Security.Principal.NTAccount -ArgumentList $Account).Translate([Security.Principal.SecurityIdentifier]).Value
}

# --- Lines ---

function ConvertTo-Ascii([string]$Text) {
    if ($Text -cnotmatch '[^\x20-\x7e]') { return $Text }
    $ascii = New-Object -TypeName Text.StringBuilder -ArgumentList ($Text.Length + 64)
    foreach ($c in $Text.ToCharArray()) {
        $n = [int]$c
        if ($n -ge 0x20 -and $n -le 0x7e) { [void]$ascii.Append($c) }
        else { [void]$ascii.Append('\u').Append($n.ToString('x4')) }
    }
    $ascii.ToString()
}

function ConvertTo-Line($Value) {
    ConvertTo-Ascii -Text (ConvertTo-Json -InputObject $Value -Depth 8 -Compress)
}

function Send-Line([string]$Object) {
    $bytes = [Text.Encoding]::ASCII.GetBytes("$Token $Object`n")
    $Agent.Output.Write($bytes, 0, $bytes.Length)
    $Agent.Output.Flush()
}

function Send-Results($Results, [bool]$End) {
    $line = '{"b":' + $Agent.Batch + ',"r":[' + ($Results.ToArray() -join ',') + ']'
    if ($End) { $line += ',"end":true' }
    Send-Line -Object ($line + '}')
    $Results.Clear()
}

# --- Failures ---

# An error of this agent's own making.
function New-Failure([string]$Code, [string]$Text) {
    $failure = New-Object -TypeName InvalidOperationException -ArgumentList $Text
    $failure.Data['code'] = $Code
    $failure
}

# The HRESULT of BITS, HTTP or Windows in an exception, or $null: codes of .NET's own say nothing.
function Get-HResult($Exception) {
    for ($e = $Exception; $null -ne $e; $e = $e.InnerException) {
        $facility = $e.HResult -band 0x7fff0000
        $native = $e -is [Runtime.InteropServices.ExternalException]
        if ($native -or $facility -eq 0x00200000 -or $facility -eq 0x00190000 -or $facility -eq 0x00070000 -or $e.HResult -eq 0x80004001) {
            if ($facility -ne 0x00130000) { return '0x{0:X8}' -f $e.HResult }
        }
    }
    $null
}

function Get-Failure($Record) {
    $exception = $Record.Exception
    $code = 'refused'
    $hresult = $null
    if ($exception.Data.Contains('code')) { $code = [string]$exception.Data['code'] }
    elseif ($exception -is [Management.Automation.ParameterBindingException]) { $code = 'binding' }
    else {
        $hresult = Get-HResult -Exception $exception
        if ($hresult -ceq '0x80200001') { $code = 'not_found' }
    }
    $failure = [ordered]@{
        code = $code; step = $Agent.Step; hresult = $hresult; text = [string]$exception.Message
        type = $exception.GetType().FullName; fqeid = [string]$Record.FullyQualifiedErrorId
    }
    if ($Agent.File) { $failure.file = $Agent.File }
    if ($null -ne $Agent.Done -and $Agent.Done.Count -gt 0) { $failure.done = @($Agent.Done.ToArray()) }
    if ($Agent.Left) { $failure.left = $Agent.Left }
    $failure
}

# --- Jobs ---

function Assert-Module {
    if ($null -eq $Agent.Module) {
        Import-BitsModule
        $Agent.Module = [string](Get-Command -Name Start-BitsTransfer -ErrorAction Stop).Version
    }
}

function Test-AllUsers {
    if ($null -eq $Agent.AllUsers) {
        try { [void]@(Get-BitsTransfer -AllUsers -ErrorAction Stop); $Agent.AllUsers = $true }
        catch { return $false } # a stopped service may come back
    }
    $Agent.AllUsers
}

function Get-VisibleJob([bool]$AllUsers) {
    if ($AllUsers) { Get-BitsTransfer -AllUsers -ErrorAction Stop } else { Get-BitsTransfer -ErrorAction Stop }
}

# The job of an id. That it is not there is decided by what BITS lists, never by the text of an error.
function Get-JobById([string]$Id) {
    $Agent.Step = 'read'
    $guid = [Guid]$Id
    try { return (Get-BitsTransfer -JobId $guid -ErrorAction Stop) } catch { $first = $_ }
    foreach ($job in (Get-VisibleJob -AllUsers (Test-AllUsers))) {
        if ($job.JobId -eq $guid) { return $job }
    }
    $hresult = Get-HResult -Exception $first.Exception
    if ($null -ne $hresult -and $hresult -cne '0x80200001') { throw $first }
    throw (New-Failure -Code 'not_found' -Text 'BITS does not list the job.')
}

function Get-PendingJob([string]$PendingToken) {
    foreach ($job in (Get-VisibleJob -AllUsers $false)) {
        if ($job.DisplayName -ceq ($PendingPrefix + $PendingToken)) { $job }
    }
}

function ConvertTo-Size($Value) {
    if ($null -eq $Value -or [UInt64]$Value -eq [UInt64]::MaxValue) { return $null }
    ([UInt64]$Value).ToString([Globalization.CultureInfo]::InvariantCulture)
}

function ConvertTo-Time($Value) {
    if ($null -eq $Value -or ([datetime]$Value).Year -lt 1990) { return $null } # unset is a minimum date
    ([datetime]$Value).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", [Globalization.CultureInfo]::InvariantCulture)
}

# TransientError -> transient_error, REMOTE_FILE and RemoteFile -> remote_file.
function ConvertTo-Word([string]$Name) {
    ([regex]::Replace($Name, '([a-z])([A-Z])', '$1_$2')).ToLowerInvariant()
}

function Get-OwnerSid([string]$Account) {
    if ($Account.StartsWith('S-1-')) { return $Account }
    if (-not $Agent.Sids.ContainsKey($Account)) {
        $sid = $null
        try { $sid = ConvertTo-Sid -Account $Account } catch { $sid = $null }
        $Agent.Sids[$Account] = $sid
    }
    $Agent.Sids[$Account]
}

function Get-JobError($Job) {
    $has = $Job.PSObject.Properties
    $failure = [ordered]@{ hresult = $null; context = ''; text = ''; file = '' }
    $code = $has['InternalErrorCode']
    if ($code -and $null -ne $code.Value -and [int]$code.Value -ne 0) { $failure.hresult = '0x{0:X8}' -f [int]$code.Value }
    $context = $has['ErrorContext']
    if ($context) { $failure.context = ConvertTo-Word -Name "$($context.Value)" }
    $description = $has['ErrorDescription']
    if ($description -and $null -ne $description.Value) { $failure.text = ([string]$description.Value).Trim() }
    $failure
}

# What the protocol says of a job. One loop without helpers for what every job has: a call costs more than the rest.
function ConvertTo-JobValue($Job) {
    $has = $Job.PSObject.Properties
    $files = New-Object -TypeName Collections.ArrayList
    foreach ($f in @($Job.FileList)) {
        if ($null -eq $f) { continue }
        $total = $null
        if ([UInt64]$f.BytesTotal -ne [UInt64]::MaxValue) { $total = "$($f.BytesTotal)" }
        $file = [ordered]@{ remote_name = [string]$f.RemoteName; local_name = [string]$f.LocalName; bytes_total = $total; bytes_transferred = "$($f.BytesTransferred)" }
        if ($f.IsTransferComplete) { $file.complete = $true }
        [void]$files.Add($file)
    }
    $owner = [string]$Job.OwnerAccount
    $name = $null
    if ($owner -and -not $owner.StartsWith('S-1-')) { $name = $owner }
    $sid = $null
    if ($owner) { $sid = Get-OwnerSid -Account $owner }
    $state = ConvertTo-Word -Name "$($Job.JobState)"
    $failure = $null
    if ($state -ceq 'error' -or $state -ceq 'transient_error') { $failure = Get-JobError -Job $Job }
    $transferred = $null
    if ($has['TransferCompletionTime']) { $transferred = ConvertTo-Time -Value $Job.TransferCompletionTime }
    $description = ''
    if ($null -ne $Job.Description) { $description = [string]$Job.Description }
    [ordered]@{
        id = $Job.JobId.ToString('D').ToLowerInvariant(); display_name = [string]$Job.DisplayName; description = $description
        transfer_type = ConvertTo-Word -Name "$($Job.TransferType)"; priority = "$($Job.Priority)".ToLowerInvariant(); state = $state
        owner_sid = $sid; owner_name = $name
        bytes_total = ConvertTo-Size -Value $Job.BytesTotal; bytes_transferred = "$($Job.BytesTransferred)"
        files_transferred = [int]$Job.FilesTransferred
        created_at = ConvertTo-Time -Value $Job.CreationTime; modified_at = ConvertTo-Time -Value $Job.ModificationTime
        transferred_at = $transferred; error = $failure; files = @($files.ToArray())
    }
}

# --- Operations ---

# A field of a request, or $null. A list comes back as one, also when it has a single element.
function Get-Field($Op, [string]$Name) {
    $property = $Op.PSObject.Properties[$Name]
    if (-not $property) { return $null }
    if ($property.Value -is [array]) { return , $property.Value }
    $property.Value
}

function Get-Parameters([string]$Cmdlet) {
    $common = 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable',
        'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'ProgressAction', 'WhatIf', 'Confirm'
    $names = New-Object -TypeName Collections.ArrayList
    foreach ($name in (Get-Command -Name $Cmdlet -ErrorAction Stop).Parameters.Keys) {
        if ($common -notcontains $name) { [void]$names.Add([string]$name) }
    }
    $names.Sort()
    , $names.ToArray()
}

function Get-Policies {
    $policies = [ordered]@{}
    try { foreach ($p in (Get-ExecutionPolicy -List)) { $policies["$($p.Scope)"] = "$($p.ExecutionPolicy)" } }
    catch { $policies = [ordered]@{} } # it tells, and decides nothing
    $policies
}

function Invoke-Hello {
    $caller = @{ Account = ''; Sid = ''; Elevated = $false }
    try { $caller = Get-CallerIdentity } catch { $caller.Account = '' } # reads then say so by themselves
    $parameters = [ordered]@{}
    try {
        Assert-Module
        foreach ($cmdlet in 'Start-BitsTransfer', 'Set-BitsTransfer') { $parameters[$cmdlet] = Get-Parameters -Cmdlet $cmdlet }
    } catch { $parameters = [ordered]@{} } # every operation that needs the module tells why it is not there
    [ordered]@{
        protocol = 1; computer = [Environment]::MachineName; os = [Environment]::OSVersion.Version.ToString()
        powershell = $PSVersionTable.PSVersion.ToString(); module = [string]$Agent.Module
        language_mode = "$($ExecutionContext.SessionState.LanguageMode)"; policies = Get-Policies
        process64 = ([IntPtr]::Size -eq 8); account = $caller.Account; sid = $caller.Sid; elevated = [bool]$caller.Elevated
        all_users = [bool](Test-AllUsers); parameters = $parameters; now = ConvertTo-Time -Value ([datetime]::UtcNow)
    }
}

function Invoke-List($Op, [int]$Index, $Results) {
    $Agent.Step = 'read'
    $fields = Get-Field -Op $Op -Name 'fields'
    $allUsers = -not (Get-Field -Op $Op -Name 'mine') -and (Test-AllUsers)
    $jobs = @(Get-VisibleJob -AllUsers $allUsers)
    $page = New-Object -TypeName Collections.ArrayList
    $size = 0
    for ($k = 0; $k -lt $jobs.Count; $k++) {
        $value = ConvertTo-JobValue -Job $jobs[$k]
        if ($fields) {
            $some = [ordered]@{}
            foreach ($name in $fields) { $some[$name] = $value[$name] }
            $value = $some
        }
        $text = ConvertTo-Line -Value $value
        [void]$page.Add($text)
        $size += $text.Length
        if ($page.Count -eq $MaxPage -or $size -ge $FlushAt -or $k -eq $jobs.Count - 1) {
            Add-Result -Results $Results -Result ('{"i":' + $Index + ',"page":[' + ($page.ToArray() -join ',') + ']}')
            $page.Clear()
            $size = 0
        }
    }
    [ordered]@{ count = $jobs.Count; all_users = [bool]$allUsers }
}

# Makes a suspended job under its pending name, or leaves nothing behind.
function Invoke-Create($Op) {
    $Agent.Step = 'create'
    $spec = $Op.job
    $sources = New-Object -TypeName Collections.ArrayList
    $destinations = New-Object -TypeName Collections.ArrayList
    foreach ($f in @($spec.files)) { [void]$sources.Add([string]$f.remote_name); [void]$destinations.Add([string]$f.local_name) }
    $arguments = @{
        Source = [string[]]$sources.ToArray([string]); Destination = [string[]]$destinations.ToArray([string])
        DisplayName = $PendingPrefix + $Op.token; TransferType = ([string]$spec.transfer_type).Replace('_', '')
        Priority = [string](Get-Field -Op $spec -Name 'priority'); Suspended = $true; Asynchronous = $true; ErrorAction = 'Stop'
    }
    $description = [string](Get-Field -Op $spec -Name 'description')
    if ($description) { $arguments.Description = $description } # an empty one is what a job has anyway
    try { $job = @(Start-BitsTransfer @arguments)[0] }
    catch {
        $failed = $_
        Remove-Leftover -PendingToken $Op.token
        throw $failed
    }
    $job
}

# A failed Start-BitsTransfer leaves a suspended job and gives no object: it is found by its name.
function Remove-Leftover([string]$PendingToken) {
    try {
        foreach ($job in @(Get-PendingJob -PendingToken $PendingToken)) {
            $Agent.Left = $job.JobId.ToString('D').ToLowerInvariant()
            Remove-BitsTransfer -BitsJob $job -Confirm:$false -ErrorAction Stop
            $Agent.Left = ''
        }
    } catch { return } # Left says what is there still
}

function Invoke-Adopt($Op) {
    $Agent.Step = 'read'
    $jobs = @(Get-PendingJob -PendingToken $Op.token)
    if ($jobs.Count -eq 0) { throw (New-Failure -Code 'not_found' -Text 'BITS lists no pending job of that token.') }
    $oldest = $jobs[0]
    foreach ($job in $jobs) { if ($job.CreationTime -lt $oldest.CreationTime) { $oldest = $job } }
    foreach ($job in $jobs) {
        if ($job.JobId -ne $oldest.JobId) { $Agent.Step = 'remove'; Remove-BitsTransfer -BitsJob $job -Confirm:$false -ErrorAction Stop }
    }
    $oldest
}

function Invoke-Commit($Op) {
    $job = Get-JobById -Id $Op.id
    $Agent.Step = 'set:display_name'
    [void](Set-BitsTransfer -BitsJob $job -DisplayName ([string]$Op.display_name) -ErrorAction Stop)
    [void]$Agent.Done.Add($Agent.Step)
    if (-not (Get-Field -Op $Op -Name 'suspended')) { Resume-Job -Job $job }
    Get-JobById -Id $Op.id
}

function Resume-Job($Job) {
    $Agent.Step = 'resume'
    [void](Resume-BitsTransfer -BitsJob $Job -Asynchronous -ErrorAction Stop)
    [void]$Agent.Done.Add('resume')
}

function Invoke-Change($Op) {
    $job = Get-JobById -Id $Op.id
    $set = Get-Field -Op $Op -Name 'set'
    if ($null -ne $set) {
        foreach ($pair in @(@('priority', 'Priority'), @('description', 'Description'), @('display_name', 'DisplayName'))) {
            $value = Get-Field -Op $set -Name $pair[0]
            if ($null -eq $value) { continue }
            $Agent.Step = 'set:' + $pair[0]
            $arguments = @{ BitsJob = $job; ErrorAction = 'Stop' }
            $arguments[$pair[1]] = [string]$value
            [void](Set-BitsTransfer @arguments)
            [void]$Agent.Done.Add($Agent.Step)
        }
    }
    foreach ($f in (Get-Field -Op $Op -Name 'add_files')) {
        $Agent.Step = 'add-file'
        $Agent.File = [string]$f.local_name
        [void](Add-BitsFile -BitsJob $job -Source ([string]$f.remote_name) -Destination ([string]$f.local_name) -ErrorAction Stop)
        $Agent.File = ''
        [void]$Agent.Done.Add('add-file')
    }
    $suspended = Get-Field -Op $Op -Name 'suspended'
    if ($null -ne $suspended) {
        if ($suspended) {
            $Agent.Step = 'suspend'
            [void](Suspend-BitsTransfer -BitsJob $job -ErrorAction Stop)
            [void]$Agent.Done.Add('suspend')
        } else { Resume-Job -Job $job }
    }
    Get-JobById -Id $Op.id
}

# Completes a transferred job; any other is left alone, because completing it would end it with what it has.
function Invoke-Complete($Op) {
    $job = Get-JobById -Id $Op.id
    $answer = [ordered]@{ job = ConvertTo-JobValue -Job $job; done = $false; remaining = $false; at = ConvertTo-Time -Value ([datetime]::UtcNow); hresult = $null }
    if ($answer.job.state -cne 'transferred') { return $answer }
    $Agent.Step = 'complete'
    Complete-BitsTransfer -BitsJob $job -ErrorAction Stop
    $answer.done = $true
    $answer.at = ConvertTo-Time -Value ([datetime]::UtcNow)
    try { [void](Get-JobById -Id $Op.id); $answer.remaining = $true }
    catch { $answer.remaining = $false }
    $answer
}

function Invoke-Remove($Op) {
    try { $job = Get-JobById -Id $Op.id }
    catch {
        if ($_.Exception.Data.Contains('code')) { return [ordered]@{ absent = $true; hresult = $null } }
        throw
    }
    $Agent.Step = 'remove'
    Remove-BitsTransfer -BitsJob $job -Confirm:$false -ErrorAction Stop
    [ordered]@{ absent = $false; hresult = $null }
}

# --- Batches ---

$Mutating = 'create', 'commit', 'adopt', 'change', 'complete', 'remove'
$Fields = 'id', 'display_name', 'description', 'transfer_type', 'priority', 'state', 'owner_sid', 'owner_name', 'bytes_total',
    'bytes_transferred', 'files_transferred', 'created_at', 'modified_at', 'transferred_at', 'error', 'files'

function Test-Integer($Value) { $Value -is [int] -or $Value -is [long] }

# What is wrong with an operation as it stands; nothing when it can be run.
function Get-Fault($Op, [int]$Index, [int]$Count) {
    if ($Op -isnot [Management.Automation.PSCustomObject]) { return 'an operation is an object' }
    $name = Get-Field -Op $Op -Name 'op'
    if ($name -isnot [string]) { return '"op" is missing' }
    $ms = Get-Field -Op $Op -Name 'ms'
    if (-not (Test-Integer -Value $ms) -or $ms -le 0) { return '"ms" is missing' }
    $after = Get-Field -Op $Op -Name 'after'
    if ($null -ne $after -and (-not (Test-Integer -Value $after) -or $after -lt 0 -or $after -ge $Index)) { return '"after" names no earlier operation' }
    foreach ($pair in @(@('id', [string]), @('token', [string]), @('display_name', [string]), @('suspended', [bool]), @('mine', [bool]))) {
        $value = Get-Field -Op $Op -Name $pair[0]
        if ($null -ne $value -and $value -isnot $pair[1]) { return "`"$($pair[0])`" has the wrong type" }
    }
    foreach ($list in 'files', 'add_files', 'fields') {
        $value = Get-Field -Op $Op -Name $list
        if ($null -ne $value -and $value -isnot [array]) { return "`"$list`" is no list" }
    }
    switch -CaseSensitive ($name) {
        'hello' { return }
        'bye' { if ($Count -ne 1) { return 'bye stands alone in a batch' }; return }
        'list' {
            foreach ($field in (Get-Field -Op $Op -Name 'fields')) {
                if ($Fields -cnotcontains $field) { return 'a job has no such field' }
            }
            return
        }
        'create' {
            $spec = Get-Field -Op $Op -Name 'job'
            if ($spec -isnot [Management.Automation.PSCustomObject]) { return '"job" is missing' }
            $fault = Get-FilesFault -Files (Get-Field -Op $spec -Name 'files') -AtLeast 1
            if ($fault) { return $fault }
            foreach ($text in 'description', 'transfer_type', 'priority') {
                $value = Get-Field -Op $spec -Name $text
                if ($null -ne $value -and $value -isnot [string]) { return "`"$text`" has the wrong type" }
            }
        }
        'adopt' { break }
        'commit' { if (-not (Get-Field -Op $Op -Name 'display_name')) { return '"display_name" is missing' } }
        'change' {
            $fault = Get-FilesFault -Files (Get-Field -Op $Op -Name 'add_files') -AtLeast 0
            if ($fault) { return $fault }
            $set = Get-Field -Op $Op -Name 'set'
            if ($null -ne $set) {
                if ($set -isnot [Management.Automation.PSCustomObject]) { return '"set" is no object' }
                foreach ($p in $set.PSObject.Properties) { if ($null -ne $p.Value -and $p.Value -isnot [string]) { return "`"$($p.Name)`" has the wrong type" } }
            }
        }
        default { if (@('get', 'complete', 'remove') -cnotcontains $name) { return 'unknown operation' } }
    }
    if ($name -ceq 'create' -or $name -ceq 'adopt') {
        if ((Get-Field -Op $Op -Name 'token') -cnotmatch '\A[0-9a-f]{32}\z') { return '"token" is not 32 hexadecimal digits' }
        return
    }
    $guid = [Guid]::Empty
    if (-not [Guid]::TryParseExact([string](Get-Field -Op $Op -Name 'id'), 'D', [ref]$guid)) { return '"id" is not a job id' }
}

function Get-FilesFault($Files, [int]$AtLeast) {
    if ($null -eq $Files) { if ($AtLeast -gt 0) { return '"files" is missing' } else { return } }
    if ($Files -isnot [array] -or $Files.Count -lt $AtLeast) { return '"files" is no list of at least one file' }
    foreach ($f in $Files) {
        if ($f -isnot [Management.Automation.PSCustomObject]) { return 'a file is an object' }
        foreach ($text in 'remote_name', 'local_name') { if ((Get-Field -Op $f -Name $text) -isnot [string]) { return "a file's `"$text`" is missing" } }
    }
}

function Invoke-Op($Op, [int]$Index, $Results) {
    $name = [string]$Op.op
    if ($name -ceq 'hello') { return Invoke-Hello }
    if ($name -ceq 'bye') { return @{} }
    if (@('create') -ccontains $name) { $Agent.Step = 'create' } else { $Agent.Step = 'read' }
    Assert-Module
    switch -CaseSensitive ($name) {
        'list' { return Invoke-List -Op $Op -Index $Index -Results $Results }
        'complete' { return Invoke-Complete -Op $Op }
        'remove' { return Invoke-Remove -Op $Op }
        'get' { $job = Get-JobById -Id $Op.id }
        'create' { $job = Invoke-Create -Op $Op }
        'adopt' { $job = Invoke-Adopt -Op $Op }
        'commit' { $job = Invoke-Commit -Op $Op }
        'change' { $job = Invoke-Change -Op $Op }
    }
    $Agent.Step = 'read'
    @{ job = ConvertTo-JobValue -Job $job }
}

function Add-Result($Results, [string]$Result) {
    $size = $Result.Length
    foreach ($r in $Results) { $size += $r.Length }
    if ($size -gt $FlushAt -and $Results.Count -gt 0) { Send-Results -Results $Results -End $false }
    [void]$Results.Add($Result)
}

# Runs one operation, and gives its result as text and whether it failed.
function Get-Result($Op, [int]$Index, [int]$Count, $Failed, $Results) {
    $Agent.Step = ''; $Agent.File = ''; $Agent.Left = ''
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
            Send-Results -Results $results -End $false
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

# The request in a line, or nothing when it is none.
function Read-Request([string]$Line, [int]$At) {
    if ($Line.Length -ge $MaxLine) { return }
    $object = $Line.Substring($At + $Token.Length + 1).Trim()
    if (-not $object.StartsWith('{')) { return }
    try { $request = ConvertFrom-Json -InputObject $object } catch { return }
    if ($request -isnot [Management.Automation.PSCustomObject]) { return }
    $number = Get-Field -Op $request -Name 'b'
    if (-not (Test-Integer -Value $number) -or $number -lt 1) { return }
    if ($number -ne $Agent.Batch -and $number -ne $Agent.Batch + 1) { return }
    $ops = $request.PSObject.Properties['ops']
    if ($null -eq $ops -or $ops.Value -isnot [array]) { return }
    $request
}

function Start-Watchdog {
    $dog = [PowerShell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    [void]$dog.AddScript('param($watch) while ($true) { [Threading.Thread]::Sleep(250); if ([datetime]::UtcNow -gt $watch.Due) { [Environment]::Exit(10) } }').AddArgument($Watch)
    [void]$dog.BeginInvoke()
}

Start-Watchdog
while ($true) {
    $reading = $Reader.ReadLineAsync()
    try { if (-not $reading.Wait($IdleLimit)) { [Environment]::Exit(7) } } catch { [Environment]::Exit(8) }
    $line = $reading.Result
    if ($null -eq $line) { [Environment]::Exit(0) }
    $at = $line.IndexOf("$Token ", [StringComparison]::Ordinal)
    if ($at -lt 0) { continue }
    $request = Read-Request -Line $line -At $at
    if ($null -eq $request) { Send-Line -Object '{"b":0,"fatal":"bad_line"}'; continue }
    if (Invoke-Batch -Request $request) { [Environment]::Exit(0) }
}
