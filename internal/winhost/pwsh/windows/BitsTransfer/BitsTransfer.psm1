# A stand-in for the module BitsTransfer of Windows Server 2022, and for that of Windows Server 2016. Names, types, value
# sets, aliases, positions and defaults of the parameters are those of the cmdlets' reference pages (docsets
# winserver2022-ps and winserver2016-ps, learn.microsoft.com). The cmdlets drive the BITS service of the simulated host, and
# fail as the real ones do: with error records that stop nothing unless the caller says so.

[Flags()] enum ACLFlagValue { None = 0; o = 1; g = 2; d = 4; s = 8 }
enum AuthenticationTargetValue { None; Server; Proxy }
enum CertStoreLocationValue {
    CURRENT_USER; LOCAL_MACHINE; CURRENT_SERVICE; SERVICES; USERS; CURRENT_USER_GROUP_POLICY; LOCAL_MACHINE_GROUP_POLICY
    LOCAL_MACHINE_ENTERPRISE
}
[Flags()] enum CostStates { # enums of 5.1 are signed: the highest bit is negative
    None = 0; Unrestricted = 0x1; Capped = 0x2; BelowCap = 0x4; NearCap = 0x8; OverCapCharged = 0x10; OverCapThrottled = 0x20
    UsageBased = 0x40; Roaming = 0x80; IgnoreCongestion = 0x80000000; PolicyUnrestricted = 0x80000021; Standard = 0x80000067
    NoSurcharge = 0x8000006F; NotRoaming = 0x8000007F; Always = 0x800000FF
}
[Flags()] enum NotifyFlagValue { None = 0; JobTransferred = 1; JobError = 2; Disable = 4; JobModification = 8 }
[Flags()] enum SecurityFlagValue {
    RedirectPolicyAllowSilent = 0; EnableCRLCheck = 1; IgnoreCertCNInvalid = 2; IgnoreCertDateInvalid = 4; IgnoreUnknownCA = 8
    IgnoreCertWrongUsage = 0x10; RedirectPolicyAllowReport = 0x100; RedirectPolicyDisallow = 0x200
    RedirectPolicyAllowHttpsToHttp = 0x800
}

enum BitsJobState { Queued; Connecting; Transferring; Suspended; Error; TransientError; Transferred; Acknowledged; Cancelled }
enum BitsJobPriority { Foreground; High; Normal; Low }
enum BitsJobType { Download; Upload; UploadReply }
enum BitsJobProxyUsage { SystemDefault; NoProxy; Override; AutoDetect }

# One row per property: the parameter of Start-BitsTransfer and Set-BitsTransfer, with the alias that the latter has; Wire, its
# name on the protocol; Member, the member of a job that shows it. Without Wire the simulated BITS can't set it; Shows is the
# value or the type that a job shows instead of the parameter's.
$Properties = @(
    @{ Name = 'ProxyBypass'; Type = [string[]]; Alias = 'pb'; Wire = 'proxy_bypass_list'; Member = 'ProxyBypassList' }
    @{ Name = 'ProxyList'; Type = [Uri[]]; Alias = 'pl'; Wire = 'proxy_list'; Member = 'ProxyList' }
    @{
        Name = 'ProxyUsage'; Type = [string]; Alias = 'pu'; Values = 'SystemDefault', 'NoProxy', 'AutoDetect', 'Override'
        Wire = 'proxy_usage'; Member = 'ProxyUsage'; Shows = [BitsJobProxyUsage]
    }
    @{ Name = 'RetryInterval'; Type = [int]; Minimum = 60; Wire = 'minimum_retry_delay'; Member = 'MinimumRetryDelay'; Member2016 = 'RetryInterval' }
    @{ Name = 'RetryTimeout'; Type = [int]; Minimum = 0; Wire = 'no_progress_timeout'; Member = 'NoProgressTimeout'; Member2016 = 'RetryTimeout' }
    @{ Name = 'TransferPolicy'; Type = [CostStates]; Wire = 'transfer_policy'; Member = 'TransferPolicy' }
    @{ Name = 'UseStoredCredential'; Type = [AuthenticationTargetValue] }
    @{ Name = 'ACLFlags'; Type = [ACLFlagValue]; Since2022 = $true; Member = 'ACLFlags'; Shows = [ACLFlagValue]0 }
    @{ Name = 'CertHash'; Type = [byte[]]; Since2022 = $true; Wire = 'certificate_hash'; Member = 'CertificateHash' }
    @{ Name = 'CertStoreLocation'; Type = [CertStoreLocationValue]; Since2022 = $true; Wire = 'certificate_store_location'; Member = 'CertificateStoreLocation' }
    @{ Name = 'CertStoreName'; Type = [string]; Since2022 = $true; Wire = 'certificate_store_name'; Member = 'CertificateStoreName' }
    @{ Name = 'CustomHeaders'; Type = [string[]]; Since2022 = $true; Wire = 'custom_headers'; Member = 'CustomHeaders' }
    @{ Name = 'CustomHeadersWriteOnly'; Type = [switch]; Since2022 = $true; Wire = 'custom_headers_write_only' }
    @{ Name = 'Dynamic'; Type = [switch]; Since2022 = $true; Wire = 'dynamic'; Member = 'Dynamic'; Shows = [bool] }
    @{ Name = 'HttpMethod'; Type = [string]; Alias = 'hm'; Since2022 = $true; Wire = 'http_method'; Member = 'HttpMethod' }
    @{ Name = 'MaxDownloadTime'; Type = [int]; Minimum = 0; Since2022 = $true; Wire = 'maximum_download_time'; Member = 'MaximumDownloadTime' }
    @{ Name = 'NotifyCmdLine'; Type = [string[]]; Since2022 = $true; Member = 'NotifyCmdLine'; Shows = $null }
    @{ Name = 'NotifyFlags'; Type = [NotifyFlagValue]; Since2022 = $true; Member = 'NotifyFlags'; Shows = [NotifyFlagValue]3 }
    @{ Name = 'SecurityFlags'; Type = [SecurityFlagValue]; Since2022 = $true; Wire = 'security_flags'; Member = 'SecurityFlags' }
)
$Is2016 = $env:WINHOST_MODULE -eq '2016'
if ($Is2016) { $Properties = @($Properties | Where-Object { -not $_['Since2022'] }) }

# The parameters of the properties, for a dynamicparam block.
function Get-PropertyParameter([switch]$Aliases) {
    $parameters = New-Object -TypeName Management.Automation.RuntimeDefinedParameterDictionary
    foreach ($row in $Properties) {
        $attributes = New-Object -TypeName 'Collections.ObjectModel.Collection[Attribute]'
        $attributes.Add((New-Object -TypeName Management.Automation.ParameterAttribute))
        if ($row['Values']) { $attributes.Add((New-Object -TypeName Management.Automation.ValidateSetAttribute -ArgumentList $row.Values)) }
        if ($null -ne $row['Minimum']) { $attributes.Add((New-Object -TypeName Management.Automation.ValidateRangeAttribute -ArgumentList $row.Minimum, ([int]::MaxValue))) }
        if ($Aliases -and $row['Alias']) { $attributes.Add((New-Object -TypeName Management.Automation.AliasAttribute -ArgumentList $row.Alias)) }
        $parameters.Add($row.Name, (New-Object -TypeName Management.Automation.RuntimeDefinedParameter -ArgumentList $row.Name, $row.Type, $attributes))
    }
    $parameters
}

# --- What the cmdlets are made of ---

# The record of a refused call: as the cmdlets do, it is named after its exception.
function New-Refusal($Caught, [string]$Id) {
    $exception = $Caught.Exception
    if (-not $Id) { $Id = $exception.GetType().FullName }
    New-Object -TypeName Management.Automation.ErrorRecord -ArgumentList $exception, $Id, 'NotSpecified', $null
}

# The record of a destination whose directory is missing, or nothing.
function Find-MissingDirectory([string]$Destination) {
    if ($Destination -notmatch '\A.:\\' -or (Invoke-Host -Call @{ call = 'directory'; local = $Destination }).found) { return }
    $message = "Cannot find path '$Destination' because it does not exist."
    $exception = New-Object -TypeName Management.Automation.ParentContainsErrorRecordException -ArgumentList $message
    New-Object -TypeName Management.Automation.ErrorRecord -ArgumentList $exception, 'PathNotFound', 'ObjectNotFound', $Destination
}

# The properties among bound parameters, as the host takes them.
function ConvertTo-Set($Bound) {
    $set = @{}
    foreach ($row in $Properties) {
        if (-not $Bound.ContainsKey($row.Name)) { continue }
        if (-not $row['Wire']) { throw (New-Object -TypeName NotSupportedException -ArgumentList "The simulated BitsTransfer module does not set -$($row.Name).") }
        $value = $Bound[$row.Name]
        if ($row.Type -eq [switch]) { $value = [bool]$value }
        elseif ($row.Type -eq [byte[]]) { $value = [BitConverter]::ToString($value).Replace('-', '') }
        elseif ($row.Type -eq [Uri[]]) { $value = @(foreach ($uri in $value) { $uri.OriginalString }) }
        elseif ($row.Type.IsDefined([FlagsAttribute], $false)) { $value = @("$value".Split([char[]]', ', [StringSplitOptions]::RemoveEmptyEntries)) }
        elseif ($row.Type.IsEnum -or $row['Values']) { $value = "$value".ToLowerInvariant() }
        $set[$row.Wire] = $value
    }
    foreach ($target in @{ Name = 'Credential'; Scheme = 'Authentication'; Wire = 'credential' },
        @{ Name = 'ProxyCredential'; Scheme = 'ProxyAuthentication'; Wire = 'proxy_credential' }) {
        if (-not $Bound.ContainsKey($target.Name)) { continue }
        $account = $Bound[$target.Name]
        $scheme = 'negotiate'
        if ($Bound.ContainsKey($target.Scheme)) { $scheme = $Bound[$target.Scheme].ToLowerInvariant() }
        $set[$target.Wire] = @{ username = $account.UserName; password = [Net.NetworkCredential]::new('', $account.Password).Password; scheme = $scheme }
    }
    $set
}

. (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath 'Odd.ps1')

# Jobs as the cmdlets show them: what they were when they were asked for. It runs once for all jobs of an answer, and calls no function
# for what most of them have: a list has thousands.
function ConvertTo-BitsJob {
    begin { $unset = ConvertTo-ShownTime }
    process {
        $answer = $_
        $files = foreach ($f in $answer.files) {
            [pscustomobject]@{
                PSTypeName = 'Microsoft.BackgroundIntelligentTransfer.Management.BitsFile'
                RemoteName = $f.remote_name.Substring(1); LocalName = $f.local_name.Substring(1)
                IsTransferComplete = [bool]$f.complete
                BytesTotal = [UInt64]$f.bytes_total.Substring(1); BytesTransferred = [UInt64]$f.bytes_transferred.Substring(1)
            }
        }
        $code = [int]$answer.hresult
        if ($Odd.PSObject.Properties['unsigned_codes']) { $code = [BitConverter]::ToUInt32([BitConverter]::GetBytes($code), 0) }
        $failed = $null
        if ($answer.hresult -ne 0) { $failed = $answer.error.Substring(1) }
        $times = foreach ($text in $answer.created, $answer.modified, $answer.transferred) {
            if ($text.Length -eq 1) { $unset }
            elseif ($Odd.PSObject.Properties['times']) { ConvertTo-ShownTime -Text $text.Substring(1) }
            else { [datetime]::Parse($text.Substring(1), $Invariant, $RoundTrip).ToLocalTime() }
        }
        $job = [pscustomobject]@{
            PSTypeName = 'Microsoft.BackgroundIntelligentTransfer.Management.BitsJob'
            JobId = [Guid]::Parse($answer.id.Substring(1))
            DisplayName = $answer.display_name.Substring(1); Description = $answer.description.Substring(1)
            TransferType = $Types[$answer.transfer_type]; JobState = $States[$answer.state]; Priority = $Priorities[$answer.priority]
            OwnerAccount = $answer.owner.Substring(1)
            FileList = @($files); FilesTotal = [UInt32]@($files).Count; FilesTransferred = [UInt32]$answer.files_transferred
            BytesTotal = [UInt64]$answer.bytes_total.Substring(1); BytesTransferred = [UInt64]$answer.bytes_transferred.Substring(1)
            CreationTime = $times[0]; ModificationTime = $times[1]; TransferCompletionTime = $times[2]
            InternalErrorCode = $code; ErrorContext = $answer.context.Substring(1); ErrorDescription = $failed
        }
        $members = $job.PSObject.Properties
        $values = $answer.properties.PSObject.Properties
        foreach ($row in $Shown) {
            $value = $row.Shows
            if ($row.Wire) {
                $value = $values[$row.Wire]
                if ($value) { $value = $value.Value }
                if ($row.Known) {
                    $known = $row.Known["$value"]
                    if ($null -eq $known -and $null -ne $value) { $row.Known["$value"] = $known = ConvertTo-Shown -Row $row -Value $value }
                    $value = $known
                } elseif ($value -is [string] -or $value -is [array]) { $value = ConvertTo-Shown -Row $row -Value $value }
            }
            $members.Add([psnoteproperty]::new($row.Member, $value), $true)
        }
        if ($answer.unreadable) {
            $members.Remove($answer.unreadable)
            $getter = { throw (New-ComException -HResult 0x80200001 -Text 'The requested job was not found.') }
            $members.Add([psscriptproperty]::new($answer.unreadable, $getter))
        }
        $job
    }
}

# What the enumerations are called on the wire, behind a mark.
function Get-Marked([type]$Enumeration) {
    $marked = @{}
    foreach ($value in [Enum]::GetValues($Enumeration)) { $marked["=$value"] = $value }
    $marked
}
$Types = Get-Marked -Enumeration ([BitsJobType])
$States = Get-Marked -Enumeration ([BitsJobState])
$Priorities = Get-Marked -Enumeration ([BitsJobPriority])
$Invariant = [Globalization.CultureInfo]::InvariantCulture
$RoundTrip = [Globalization.DateTimeStyles]::RoundtripKind

# The properties that a job shows, by the members of this version.
$Shown = @(foreach ($row in $Properties) {
    if (-not $row['Member']) { continue }
    $member = $row.Member
    if ($Is2016 -and $row['Member2016']) { $member = $row.Member2016 }
    $type = $row.Type
    if ($row['Shows']) { $type = $row.Shows }
    $known = $null # values of enumerations, by how the wire spells them
    if ($row['Wire'] -and $type.IsEnum) { $known = @{} }
    @{ Member = $member; Wire = $row['Wire']; Type = $type; Shows = $row['Shows']; Known = $known }
})

# A value as a member shows it. Strings have a mark before them.
function ConvertTo-Shown($Row, $Value) {
    $type = $Row.Type
    if ($type.IsArray -and $type -ne [byte[]]) {
        if (@($Value).Count -eq 0) { return $null }
        $list = @(foreach ($text in $Value) { $text.Substring(1) -as $type.GetElementType() })
        return , $list
    }
    if ($type.IsEnum) {
        $words = @(foreach ($text in $Value) { $text.Substring(1).Replace('_', '') })
        if ($type -eq [CertStoreLocationValue]) { return [CertStoreLocationValue]$Value.Substring(1) }
        if ($words.Count -eq 0) { return [Enum]::ToObject($type, 0) }
        return [Enum]::Parse($type, ($words -join ', '), $true)
    }
    if ($Value -isnot [string]) { return $Value }
    $text = $Value.Substring(1)
    if ($type -ne [byte[]]) { return $text }
    , [byte[]]@(for ($i = 0; $i -lt $text.Length; $i += 2) { [Convert]::ToByte($text.Substring($i, 2), 16) })
}

function Get-Job([string]$Id) {
    Read-Job -Call @{ call = 'open'; id = $Id }
}

# One call on a job that a cmdlet was given.
function Invoke-Job($Job, [string]$Call, [string]$Text, [string]$Local) {
    [void](Invoke-Host -Call @{ call = $Call; id = $Job.JobId.ToString('D'); text = $Text; local = $Local })
}

# The calls that set properties, where any are bound.
function Set-Bound($Job, $Bound) {
    $set = ConvertTo-Set -Bound $Bound
    if ($set.Count -gt 0) { [void](Invoke-Host -Call @{ call = 'set-properties'; id = $Job.JobId.ToString('D'); set = $set }) }
}

# --- The cmdlets ---

function Get-BitsTransfer {
    [CmdletBinding(DefaultParameterSetName = 'ListJobsByName')]
    param(
        [Parameter(ParameterSetName = 'ListJobsByName', Position = 0)][Alias('n')][string[]]$Name,
        [Parameter(ParameterSetName = 'ListJobsByName', Position = 1)][Alias('all')][switch]$AllUsers,
        [Parameter(ParameterSetName = 'ListJobsById', Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)]
        [Alias('id')][Guid[]]$JobId
    )
    process {
        if ($PSCmdlet.ParameterSetName -eq 'ListJobsById') {
            foreach ($id in $JobId) {
                try { Get-Job -Id $id.ToString('D') } catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
            }
            return
        }
        $asked = if ($Name) { 'names' }
        try { $list = Invoke-Host -Call @{ call = 'list'; all_users = [bool]$AllUsers; text = "$asked" } }
        catch {
            $id = ''
            if ($AllUsers -and $_.Exception -is [UnauthorizedAccessException]) { $id = 'GetBitsTransferAuthException' }
            $PSCmdlet.WriteError((New-Refusal -Caught $_ -Id $id))
            return
        }
        if (-not $list.PSObject.Properties['ids']) { return }
        $ids = @(for ($i = 0; $i -lt $list.ids.Count; $i++) {
            $called = if ($Name) { $list.names[$i].Substring(1) }
            if (-not $Name -or @($Name | Where-Object { $called -like $_ }).Count -gt 0) { $list.ids[$i].Substring(1) }
        })
        for ($first = 0; $first -lt $ids.Count; $first += 100) {
            $some = @($ids[$first..([Math]::Min($first + 99, $ids.Count - 1))])
            Read-Job -Call @{ call = 'read'; ids = $some }
        }
    }
}

function Start-BitsTransfer {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [switch]$Asynchronous,
        [ValidateSet('Basic', 'Digest', 'Ntlm', 'Negotiate', 'Passport')][string]$Authentication,
        [Management.Automation.PSCredential]$Credential,
        [string]$Description,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName = $true)][string[]]$Destination,
        [string]$DisplayName = 'BITS Transfer',
        [ValidateSet('Foreground', 'High', 'Normal', 'Low')][string]$Priority = 'Foreground',
        [ValidateSet('Basic', 'Digest', 'Ntlm', 'Negotiate', 'Passport')][string]$ProxyAuthentication,
        [Management.Automation.PSCredential]$ProxyCredential,
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)][string[]]$Source,
        [switch]$Suspended,
        [ValidateSet('Download', 'Upload', 'UploadReply')][string]$TransferType = 'Download'
    )
    dynamicparam { Get-PropertyParameter }
    process {
        if (-not $Asynchronous) { throw (New-Object -TypeName NotSupportedException -ArgumentList 'The simulated BitsTransfer module transfers with -Asynchronous only.') }
        if (@($Source).Count -ne @($Destination).Count) {
            $exception = New-Object -TypeName ArgumentException -ArgumentList 'The numbers of sources and destinations differ.'
            $PSCmdlet.WriteError((New-Object -TypeName Management.Automation.ErrorRecord -ArgumentList $exception, 'StartBitsTransferCountException', 'InvalidArgument', $null))
            return
        }
        if (-not $PSCmdlet.ShouldProcess("$Source", 'Start')) { return }
        try {
            foreach ($path in $Destination) {
                $missing = Find-MissingDirectory -Destination $path
                if ($missing) { $PSCmdlet.WriteError($missing); return }
            }
            # Several calls of BITS: when a later one is refused, the job is left as it is then.
            $direction = @{ Download = 'download'; Upload = 'upload'; UploadReply = 'upload_reply' }[$TransferType]
            $job = Read-Job -Call @{ call = 'create'; text = $DisplayName; id = $direction }
            if ($Description) { Invoke-Job -Job $job -Call 'set-description' -Text $Description }
            Invoke-Job -Job $job -Call 'set-priority' -Text $Priority.ToLowerInvariant()
            Set-Bound -Job $job -Bound $PSBoundParameters
            for ($i = 0; $i -lt $Source.Count; $i++) { Invoke-Job -Job $job -Call 'add-file' -Text $Source[$i] -Local $Destination[$i] }
            if (-not $Suspended) { Invoke-Job -Job $job -Call 'resume' }
            Get-Job -Id $job.JobId.ToString('D')
        } catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
    }
}

function Set-BitsTransfer {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Alias('au')][ValidateSet('Basic', 'Digest', 'Ntlm', 'Negotiate', 'Passport')][string]$Authentication,
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true)][Alias('b')]
        [PSTypeName('Microsoft.BackgroundIntelligentTransfer.Management.BitsJob')][PSObject[]]$BitsJob,
        [Alias('cred')][Management.Automation.PSCredential]$Credential,
        [Alias('d')][string]$Description,
        [Alias('dn')][string]$DisplayName,
        [Alias('p')][ValidateSet('Foreground', 'High', 'Normal', 'Low')][string]$Priority,
        [Alias('pa')][ValidateSet('Basic', 'Digest', 'Ntlm', 'Negotiate', 'Passport')][string]$ProxyAuthentication,
        [Alias('pc')][Management.Automation.PSCredential]$ProxyCredential,
        [Alias('so')][switch]$SetOwnerToCurrentUser
    )
    dynamicparam { Get-PropertyParameter -Aliases }
    process {
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Set')) { continue }
            try {
                if ($PSBoundParameters.ContainsKey('DisplayName')) { Invoke-Job -Job $job -Call 'set-display-name' -Text $DisplayName }
                if ($PSBoundParameters.ContainsKey('Priority')) { Invoke-Job -Job $job -Call 'set-priority' -Text $Priority.ToLowerInvariant() }
                if ($PSBoundParameters.ContainsKey('Description')) { Invoke-Job -Job $job -Call 'set-description' -Text $Description }
                Set-Bound -Job $job -Bound $PSBoundParameters
                if ($Odd.PSObject.Properties['forgets_priority'] -and -not $PSBoundParameters.ContainsKey('Priority')) {
                    Invoke-Job -Job $job -Call 'set-priority' -Text 'foreground'
                }
                Get-Job -Id $job.JobId.ToString('D')
            } catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
        }
    }
}

function Add-BitsFile {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true)]
        [PSTypeName('Microsoft.BackgroundIntelligentTransfer.Management.BitsJob')][PSObject[]]$BitsJob,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName = $true)][string[]]$Destination,
        [Parameter(Mandatory = $true, Position = 1, ValueFromPipelineByPropertyName = $true)][string[]]$Source
    )
    process {
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Add')) { continue }
            try {
                for ($i = 0; $i -lt $Source.Count; $i++) {
                    $missing = Find-MissingDirectory -Destination $Destination[$i]
                    if ($missing) { $PSCmdlet.WriteError($missing); return }
                    Invoke-Job -Job $job -Call 'add-file' -Text $Source[$i] -Local $Destination[$i]
                }
                Get-Job -Id $job.JobId.ToString('D')
            } catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
        }
    }
}

function Suspend-BitsTransfer {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true)][Alias('b')]
        [PSTypeName('Microsoft.BackgroundIntelligentTransfer.Management.BitsJob')][PSObject[]]$BitsJob
    )
    process {
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Suspend')) { continue }
            try { Invoke-Job -Job $job -Call 'suspend'; Get-Job -Id $job.JobId.ToString('D') }
            catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
        }
    }
}

function Resume-BitsTransfer {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Alias('as')][switch]$Asynchronous,
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true)][Alias('b')]
        [PSTypeName('Microsoft.BackgroundIntelligentTransfer.Management.BitsJob')][PSObject[]]$BitsJob
    )
    process {
        if (-not $Asynchronous) { throw (New-Object -TypeName NotSupportedException -ArgumentList 'The simulated BitsTransfer module resumes with -Asynchronous only.') }
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Resume')) { continue }
            try { Invoke-Job -Job $job -Call 'resume'; Get-Job -Id $job.JobId.ToString('D') }
            catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
        }
    }
}

function Complete-BitsTransfer {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true)][Alias('b')]
        [PSTypeName('Microsoft.BackgroundIntelligentTransfer.Management.BitsJob')][PSObject[]]$BitsJob
    )
    process {
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Complete')) { continue }
            try { Invoke-Job -Job $job -Call 'complete' } catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
        }
    }
}

function Remove-BitsTransfer {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true)][Alias('b')]
        [PSTypeName('Microsoft.BackgroundIntelligentTransfer.Management.BitsJob')][PSObject[]]$BitsJob
    )
    process {
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Remove')) { continue }
            try { Invoke-Job -Job $job -Call 'cancel' } catch { $PSCmdlet.WriteError((New-Refusal -Caught $_)) }
        }
    }
}
