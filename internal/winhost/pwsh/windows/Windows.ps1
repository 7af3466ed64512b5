# What a PowerShell of a simulated host has before the client's script runs. The functions stand for functions of
# the agent that hold what only Windows has: an alias wins over a function of its name, so that the agent's text runs
# unchanged.

$global:WinhostBridge = $null # opened by the first call

# One call to the host, over the bridge. A refusal is thrown as .NET throws a failed COM call.
function Invoke-Host([hashtable]$Call) {
    if ($null -eq $global:WinhostBridge) {
        $client = New-Object -TypeName Net.Sockets.TcpClient -ArgumentList '127.0.0.1', ([int]$env:WINHOST_BRIDGE)
        $client.NoDelay = $true
        $utf8 = New-Object -TypeName Text.UTF8Encoding -ArgumentList $false
        $global:WinhostBridge = @{
            Reader = New-Object -TypeName IO.StreamReader -ArgumentList $client.GetStream(), $utf8
            Writer = New-Object -TypeName IO.StreamWriter -ArgumentList $client.GetStream(), $utf8
        }
    }
    $global:WinhostBridge.Writer.Write((ConvertTo-Json -InputObject $Call -Depth 5 -Compress) + "`n")
    $global:WinhostBridge.Writer.Flush()
    $line = $global:WinhostBridge.Reader.ReadLine()
    if ($null -eq $line) { throw (New-Object -TypeName IO.EndOfStreamException -ArgumentList 'the simulated host is gone') }
    $answer = ConvertFrom-Json -InputObject $line
    if ($answer.hresult -ne 0) { throw (New-ComException -HResult $answer.hresult -Text $answer.text.Substring(1)) }
    $answer
}

# The exception that .NET makes of a result, with the text that COM gives it.
function New-ComException([int]$HResult, [string]$Text) {
    $message = '{0} (Exception from HRESULT: 0x{1:X8})' -f $Text, $HResult
    $type = [Runtime.InteropServices.COMException]
    if ($HResult -lt 0) { $type = [Runtime.InteropServices.Marshal]::GetExceptionForHR($HResult).GetType() }
    if ($type -eq [Runtime.InteropServices.COMException]) {
        return New-Object -TypeName Runtime.InteropServices.COMException -ArgumentList $message, $HResult
    }
    New-Object -TypeName $type.FullName -ArgumentList $message
}

# What Windows PowerShell loads by itself comes from the module path: from Windows' own folder alone.
function Assert-ModulePath {
    if ($env:PSModulePath -cne [IO.Path]::Combine($PSHOME, 'Modules')) { throw "Modules are looked for in $env:PSModulePath." }
}

function Import-StandInModule {
    [Alias('Import-BitsModule')]
    param()
    Assert-ModulePath
    $folder = 'BitsTransfer'
    if ('AllSigned', 'Restricted' -ccontains $env:WINHOST_POLICY) {
        $text = 'File BitsTransfer.psm1 cannot be loaded. For more information, see about_Execution_Policies.'
        $exception = New-Object -TypeName Management.Automation.PSSecurityException -ArgumentList $text
        throw (New-Object -TypeName Management.Automation.ErrorRecord -ArgumentList $exception, 'UnauthorizedAccess', 'SecurityError', $null)
    }
    if ($env:WINHOST_MODULE_STATE) { $folder = $env:WINHOST_MODULE_STATE }
    Import-Module -Name (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath "$folder/BitsTransfer.psd1") -ErrorAction Stop
}

function Import-StandInAssembly {
    [Alias('Import-BitsAssembly')]
    param()
    Assert-ModulePath
    if ($env:WINHOST_NO_ASSEMBLY -eq 'true') { throw (New-Object -TypeName IO.FileNotFoundException -ArgumentList 'Microsoft.BackgroundIntelligentTransfer.Management') }
    Import-Module -Name (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath 'BitsTransfer/BitsTransfer.psd1') -ErrorAction Stop
}

function Test-StandInProcess64 {
    [Alias('Test-Process64')]
    param()
    $env:WINHOST_32 -ne 'true'
}

function Get-StandInIdentity {
    [Alias('Get-CallerIdentity')]
    param()
    @{ Account = $env:WINHOST_ACCOUNT; Sid = $env:WINHOST_SID; Elevated = ($env:WINHOST_ELEVATED -eq 'true') }
}

function ConvertTo-StandInSid {
    [Alias('ConvertTo-Sid')]
    param([string]$Account)
    $answer = Invoke-Host -Call @{ call = 'sid'; text = $Account }
    if (-not $answer.found) { throw 'Some or all identity references could not be translated.' }
    $answer.text.Substring(1)
}

function Get-StandInNow {
    [Alias('Get-Now')]
    param()
    $text = (Invoke-Host -Call @{ call = 'now' }).text.Substring(1)
    [datetime]::Parse($text, [Globalization.CultureInfo]::InvariantCulture, 'RoundtripKind')
}

# The agent's limits of time, stretched for a slow machine.
function Get-StandInLimit {
    [Alias('Get-Limit')]
    param([int]$Milliseconds)
    [int]($Milliseconds * [double]::Parse($env:WINHOST_LIMITS, [Globalization.CultureInfo]::InvariantCulture))
}

$global:WinhostBorn = $null # of the host's time

function Get-StandInAge {
    [Alias('Get-Age')]
    param([Diagnostics.Stopwatch]$Born)
    $now = Get-StandInNow
    if ($null -eq $global:WinhostBorn) { $global:WinhostBorn = $now.AddMilliseconds(-$Born.ElapsedMilliseconds) }
    ($now - $global:WinhostBorn).TotalMilliseconds
}

function Get-StandInPlace {
    [Alias('Get-Place')]
    param([string]$Path)
    (Invoke-Host -Call @{ call = 'place'; local = $Path }).text.Substring(1)
}

function Get-StandInAccessRules {
    [Alias('Get-AccessRules')]
    param([string]$Directory)
    $rules = (Invoke-Host -Call @{ call = 'access'; local = $Directory }).PSObject.Properties['rules']
    if (-not $rules) { return }
    foreach ($rule in $rules.Value) {
        $rights = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$rule.rights), 0)
        @{ Sid = $rule.sid; Allows = $true; Rights = $rights; Files = $rule.files; InheritOnly = $rule.inherit_only }
    }
}

function Get-StandInAttributes {
    [Alias('Get-Attributes')]
    param([string]$Place)
    $attributes = [IO.File]::GetAttributes($Place)
    if ((Invoke-Host -Call @{ call = 'reparse'; local = $Place }).found) { $attributes = $attributes -bor [IO.FileAttributes]::ReparsePoint }
    $attributes
}

# As FileSystemProvider of PowerShell tells types and targets from tags and substitute names.
function Get-StandInLink {
    [Alias('Get-Link')]
    param([string]$Place)
    $point = (Invoke-Host -Call @{ call = 'reparse'; local = $Place; text = 'read' }).reparse
    switch ([long]$point.tag) {
        2684354572 { $type = 'SymbolicLink' } # IO_REPARSE_TAG_SYMLINK
        2684354563 { $type = 'Junction' } # IO_REPARSE_TAG_MOUNT_POINT
        default { return @{ Type = ''; Target = '' } }
    }
    @{ Type = $type; Target = $point.target.Replace('\??\', '') }
}

function Get-StandInEventXml {
    [Alias('Get-EventXml')]
    param([string]$Log, [string]$XPath, [int]$AtMost)
    $answer = Invoke-Host -Call @{ call = 'events'; log = $Log; text = $XPath; at_most = $AtMost }
    if ($answer.PSObject.Properties['ids']) { foreach ($record in $answer.ids) { $record.Substring(1) } }
}

function Get-StandInServiceStatus {
    [Alias('Get-ServiceStatus')]
    param()
    (Invoke-Host -Call @{ call = 'service-status' }).text.Substring(1)
}

function Get-StandInMachineKey {
    [Alias('Get-MachineKey')]
    param([string]$Path)
    $values = @{ ImagePath = 'a text among the numbers' }
    $answer = Invoke-Host -Call @{ call = 'machine-key'; text = $Path }
    if ($answer.PSObject.Properties['numbers']) { foreach ($n in $answer.numbers.PSObject.Properties) { $values[$n.Name] = [int]$n.Value } }
    $values
}

function Test-StandInLoggedOn {
    [Alias('Test-LoggedOn')]
    param([string]$Account)
    (Invoke-Host -Call @{ call = 'logged-on'; text = $Account }).found
}

function Get-StandInRegistryValue {
    [Alias('Get-RegistryValue')]
    param([string]$Key, [string]$Name)
    $answer = Invoke-Host -Call @{ call = 'registry-value'; text = "$Key\$Name" }
    if ($answer.found) { [Convert]::FromBase64String($answer.text.Substring(1)) }
}

function Get-StandInFreeBytes {
    [Alias('Get-FreeBytes')]
    param([string]$Drive)
    [long](Invoke-Host -Call @{ call = 'free-bytes'; local = $Drive }).text.Substring(1)
}

. (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath 'TaskScheduler.ps1')

# A pipe that is a Unix socket: the host writes down who made it, and has one of a name.
function New-StandInPipe {
    [Alias('New-SystemPipe')]
    param([string]$Name)
    $pipe = New-Object -TypeName IO.Pipes.NamedPipeServerStream -ArgumentList $Name, 'InOut', 1, 'Byte', 'Asynchronous', 65536, 65536
    try { [void](Invoke-Host -Call @{ call = 'pipe-make'; text = $Name }) }
    catch {
        $pipe.Dispose()
        throw
    }
    $pipe
}

function Get-StandInPipeOwner {
    [Alias('Get-PipeOwner')]
    param($Pipe)
    Assert-ModulePath
    # A client's stream does not tell its name here: $PipeName is the variable of the function that asks.
    (Invoke-Host -Call @{ call = 'pipe-owner'; text = $PipeName }).text.Substring(1)
}

# A small PowerShell may lack what each Windows PowerShell has.
if (-not (Get-Command -Name Remove-TypeData -ErrorAction Ignore)) {
    function Remove-TypeData {
        [CmdletBinding()]
        param([Parameter(Mandatory = $true)][string]$TypeName)
        Write-Verbose -Message "$TypeName has no extended members here"
    }
}

# A policy may keep PowerShell from loading its own module Microsoft.PowerShell.Utility, a part of which is a script.
if ($env:WINHOST_NO_UTILITY -eq 'true') {
    function Remove-TypeData {
        param($TypeName)
        $text = 'The ''Remove-TypeData'' command was found in the module "Microsoft.PowerShell.Utility", but the module could not be loaded.'
        throw (New-Object -TypeName Management.Automation.CommandNotFoundException -ArgumentList "$text $TypeName")
    }
}

# The execution policies of a Windows Server whose PowerShell was started with -ExecutionPolicy Bypass.
function Get-ExecutionPolicy {
    [CmdletBinding()]
    param([switch]$List)
    if (-not $List) { return 'Bypass' }
    $policy = 'Undefined'
    if ($env:WINHOST_POLICY) { $policy = $env:WINHOST_POLICY }
    [pscustomobject]@{ Scope = 'MachinePolicy'; ExecutionPolicy = $policy }
    [pscustomobject]@{ Scope = 'UserPolicy'; ExecutionPolicy = 'Undefined' }
    [pscustomobject]@{ Scope = 'Process'; ExecutionPolicy = 'Bypass' }
    [pscustomobject]@{ Scope = 'CurrentUser'; ExecutionPolicy = 'Undefined' }
    [pscustomobject]@{ Scope = 'LocalMachine'; ExecutionPolicy = 'RemoteSigned' }
}

# What profiles, products and native tools write between the lines that matter.
if ($env:WINHOST_NOISY -eq 'true') {
    [Console]::Out.Write("Windows PowerShell`r`nCopyright (C) Microsoft Corporation. All rights reserved.`r`n`r`nWARNING: a profile talks`r`nPS C:\> ")
    [Console]::Error.Write("#< CLIXML`r`n<Objs Version=""1.1.0.1""><Obj S=""progress"" RefId=""0""><MS><S>Preparing modules for first use.</S></MS></Obj></Objs>")
    Write-Warning -Message 'a security product looks at this script'
}
