# What only Windows has. Each of these is replaced where the agent is tested elsewhere.

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

# Records of an event log as XML, the newest or the oldest first.
function Get-EventXml([string]$Log, [string]$XPath, [int]$AtMost, [bool]$Newest) {
    $query = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogQuery -ArgumentList $Log, 'LogName', $XPath
    $query.ReverseDirection = $Newest
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

# Whether a log takes records.
function Test-EventLog([string]$Log) {
    (New-Object -TypeName Diagnostics.Eventing.Reader.EventLogConfiguration -ArgumentList $Log).IsEnabled
}

# The host's time, in UTC.
function Get-Now { [datetime]::UtcNow }

# Where a file is: on Windows, at its path.
function Get-Place([string]$Path) { $Path }
