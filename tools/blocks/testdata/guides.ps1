# What the PowerShell of the guides calls beside what windows.ps1 has. The parameters are those of the reference pages on
# learn.microsoft.com that the blocks need; any other is an error.

function Enable-PSRemoting { [CmdletBinding()] param() Add-Call -Text 'remoting' }

function winrm { winrm.cmd @args }

# A certificate authority that the machine trusts; client certificates come from it.
$issuer = @{ KeyUsage = 'CertSign', 'CRLSign'; TextExtension = '2.5.29.19={text}CA=true'; CertStoreLocation = 'Cert:\LocalMachine\My' }
$authority = New-SelfSignedCertificate -Type Custom -Subject 'CN=authority' @issuer
$authorityThumbprint = $authority.Thumbprint
$global:Certificates[$authorityThumbprint].Trusted = $true

function Get-Certificate {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('WebServer')][string]$Template,
        [Parameter(Mandatory = $true)][string[]]$DnsName,
        [Parameter(Mandatory = $true)][ValidateSet('Cert:\LocalMachine\My')][string]$CertStoreLocation
    )
    $issued = @{ Type = 'Custom'; Subject = "CN=$($DnsName[0])"; DnsName = $DnsName; CertStoreLocation = $CertStoreLocation; Signer = $authority }
    [pscustomobject]@{ Status = 'Issued'; Certificate = New-SelfSignedCertificate @issued }
}

function New-NetFirewallRule {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$DisplayName,
        [Parameter(Mandatory = $true)][ValidateSet('Inbound', 'Outbound')][string]$Direction,
        [Parameter(Mandatory = $true)][ValidateSet('TCP', 'UDP')][string]$Protocol,
        [Parameter(Mandatory = $true)][int[]]$LocalPort,
        [Parameter(Mandatory = $true)][ValidateSet('Allow', 'Block')][string]$Action,
        [Parameter(Mandatory = $true)][string[]]$RemoteAddress
    )
    Add-Call -Text "rule $Action $Direction $Protocol $LocalPort from $RemoteAddress"
}

function Set-WSManInstance {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('winrm/config/Listener')][uri]$ResourceURI,
        [Parameter(Mandatory = $true)][hashtable]$SelectorSet,
        [Parameter(Mandatory = $true)][hashtable]$ValueSet
    )
    $served = $global:Certificates[$ValueSet.CertificateThumbprint].Certificate
    Add-Call -Text "renew $($SelectorSet.Transport) $($SelectorSet.Address) $($served.Subject)"
}

function Get-ChildItem {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true, Position = 0)][ValidateSet('Cert:\LocalMachine\My')][string]$Path)
    foreach ($known in $global:Certificates.Values) { $known.Certificate }
}

function New-ItemProperty {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$Path, [Parameter(Mandatory = $true)][string]$Name, [Parameter(Mandatory = $true)][int]$Value,
        [Parameter(Mandatory = $true)][ValidateSet('String', 'ExpandString', 'Binary', 'DWord', 'MultiString', 'QWord')][string]$PropertyType,
        [Parameter(Mandatory = $true)][switch]$Force
    )
    Add-Call -Text "registry $Path $Name=$Value"
}

function Get-Credential {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true, Position = 0)][string]$Credential)
    [Management.Automation.PSCredential]::new($Credential, [Net.NetworkCredential]::new('', 'Pa55word').SecurePassword)
}

# --- Jobs of SYSTEM, which only a scheduled task of SYSTEM can change ---

$global:Jobs = @{ '6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b' = 'nightly payload'; '11111111-2222-3333-4444-555555555555' = 'another' }
$global:AsSystem = $false

function Get-BitsTransfer {
    [CmdletBinding(DefaultParameterSetName = 'Name')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Name')][switch]$AllUsers,
        [Parameter(Mandatory = $true, ParameterSetName = 'JobId')][guid[]]$JobId
    )
    foreach ($id in @($global:Jobs.Keys)) {
        if ($AllUsers -or $JobId -contains $id) {
            [pscustomobject]@{
                JobId = [guid]$id; JobState = 'Suspended'; Priority = 'Normal'; OwnerAccount = 'NT AUTHORITY\SYSTEM'; DisplayName = $global:Jobs[$id]
            }
        }
    }
}

function Remove-BitsTransfer {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)]$BitsJob)
    process {
        if (-not $global:AsSystem) { throw 'Access is denied.' }
        $global:Jobs.Remove("$($BitsJob.JobId)")
        Add-Call -Text "cancel $($BitsJob.DisplayName)"
    }
}

function New-ScheduledTaskAction {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$Execute, [string]$Argument)
    [pscustomobject]@{ Execute = $Execute; Argument = $Argument }
}

function New-ScheduledTaskSettingsSet {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][switch]$AllowStartIfOnBatteries, [Parameter(Mandatory = $true)][switch]$DontStopIfGoingOnBatteries)
    [pscustomobject]@{ AllowStartIfOnBatteries = [bool]$AllowStartIfOnBatteries; DontStopIfGoingOnBatteries = [bool]$DontStopIfGoingOnBatteries }
}

function Register-ScheduledTask {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$TaskName, [Parameter(Mandatory = $true)]$Action, [Parameter(Mandatory = $true)]$Settings,
        [Parameter(Mandatory = $true)][ValidateSet('NT AUTHORITY\SYSTEM')][string]$User,
        [Parameter(Mandatory = $true)][ValidateSet('Limited', 'Highest')][string]$RunLevel
    )
    $global:Task = @{ Name = $TaskName; Action = $Action }
    Add-Call -Text "task $TaskName"
    'a task'
}

function Start-ScheduledTask {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$TaskName)
    if ($TaskName -ne $global:Task.Name) { throw 'The system cannot find the file specified.' }
    if ($global:Task.Action.Argument -notmatch '\A-NoProfile -NonInteractive -Command "(.*)"\z') { throw "Arguments: $($global:Task.Action.Argument)" }
    $global:AsSystem = $true
    & ([scriptblock]::Create($Matches[1]))
    $global:AsSystem = $false
}

# The engine that runs the tests on Linux may come without the module of Format-Table.
function Format-Table {
    [CmdletBinding()]
    param([Parameter(ValueFromPipeline = $true)]$InputObject, [switch]$AutoSize, [Parameter(Mandatory = $true)][string[]]$Property)
    process { ($Property | ForEach-Object { $InputObject.$_ }) -join ' ' }
}

function Start-Sleep { [CmdletBinding()] param([Parameter(Mandatory = $true)][int]$Seconds) }

function Unregister-ScheduledTask {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$TaskName, [Parameter(Mandatory = $true)][switch]$Confirm)
    Add-Call -Text "no task $TaskName"
}
