# What only Windows has. Tests on other systems replace each of these functions.

function Import-BitsModule {
    # By full path, as the module path is Windows' own alone: SYSTEM must load nothing from where others may write.
    Import-Module -Name (Join-Path -Path $PSHOME -ChildPath 'Modules\BitsTransfer\BitsTransfer.psd1') -ErrorAction Stop
}

# The assembly that the cmdlets are in. Where policy refuses scripts it can be loaded still: the module's part that is a
# script is refused then, also to -ExecutionPolicy Bypass.
function Import-BitsAssembly {
    $assembly = [Reflection.Assembly]::LoadWithPartialName('Microsoft.BackgroundIntelligentTransfer.Management')
    if ($null -eq $assembly) { throw (New-Object -TypeName IO.FileNotFoundException -ArgumentList 'Microsoft.BackgroundIntelligentTransfer.Management') }
    Import-Module -Assembly $assembly -ErrorAction Stop
}

function Test-Process64 { [IntPtr]::Size -eq 8 }

function Get-CallerIdentity {
    $user = [Security.Principal.WindowsIdentity]::GetCurrent()
    $role = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $user
    $elevated = $role.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    @{ Account = $user.Name; Sid = $user.User.Value; Elevated = $elevated }
}

function ConvertTo-Sid([string]$Account) {
    (New-Object -TypeName Security.Principal.NTAccount -ArgumentList $Account).Translate([Security.Principal.SecurityIdentifier]).Value
}

# Records of an event log as XML, the newest first.
function Get-EventXml([string]$Log, [string]$XPath, [int]$AtMost) {
    $query = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogQuery -ArgumentList $Log, 'LogName', $XPath
    $query.ReverseDirection = $true
    $reader = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogReader -ArgumentList $query
    try {
        for ($n = 0; $n -lt $AtMost; $n++) {
            $record = $reader.ReadEvent()
            if ($null -eq $record) { break }
            $record.ToXml()
            $record.Dispose()
        }
    } finally { $reader.Dispose() }
}

function Get-ServiceStatus { "$((Get-Service -Name BITS -ErrorAction Stop).Status)" }

# Whether an account has a process in an interactive session: Windows numbers these from 1.
function Test-LoggedOn([string]$Account) {
    foreach ($process in (Get-Process -IncludeUserName -ErrorAction Stop)) { if ($process.SessionId -gt 0 -and $process.UserName -eq $Account) { return $true } }
    $false
}

# The values of a key of the machine's registry; none where it is missing.
function Get-MachineKey([string]$Path) {
    $values = @{}
    $opened = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    if ($null -ne $opened) { foreach ($name in $opened.GetValueNames()) { $values[$name] = $opened.GetValue($name) } }
    $values
}

function Get-RegistryValue([string]$Key, [string]$Name) { [Microsoft.Win32.Registry]::GetValue($Key, $Name, $null) }

function Get-FreeBytes([string]$Drive) { (New-Object -TypeName IO.DriveInfo -ArgumentList $Drive).AvailableFreeSpace }

# The host's time, in UTC.
function Get-Now { [datetime]::UtcNow }

# A limit of time, which tests on slow machines stretch.
function Get-Limit([int]$Milliseconds) { $Milliseconds }

# How many milliseconds a process has lived, by a clock that can't be set.
function Get-Age([Diagnostics.Stopwatch]$Born) { $Born.ElapsedMilliseconds }

# Where a file is: on Windows, at its path.
function Get-Place([string]$Path) { $Path }

# The attributes of a file or directory itself.
function Get-Attributes([string]$Place) { [IO.File]::GetAttributes($Place) }

# What PowerShell shows of a reparse point: the type SymbolicLink or Junction by its tag, and the target without \??\. get_Value throws
# where a reparse point can't be read, of which PowerShell makes $null otherwise.
function Get-Link([string]$Place) {
    $has = (New-Object -TypeName IO.FileInfo -ArgumentList $Place).PSObject.Properties
    $link = @{ Type = [string]$has['LinkType'].get_Value(); Target = '' }
    if ($link.Type -eq 'Junction') { $link.Target = [string]$has['Target'].get_Value() }
    $link
}
