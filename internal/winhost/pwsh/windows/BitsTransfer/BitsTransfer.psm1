# A stand-in for the module BitsTransfer of Windows Server 2022. Names, types, value sets, aliases, positions and
# defaults of the parameters are those of the cmdlets' reference pages (docset winserver2022-ps/BitsTransfer,
# learn.microsoft.com). The cmdlets drive the BITS service of the simulated host, and fail as the real ones do: with
# error records that stop nothing unless the caller says so. Lines marked "since 2022" are missing from the module of
# Windows Server 2016, and those marked "of 2016" from this one.

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

# The properties among bound parameters, as the host takes them. Bit fields are numbers.
function ConvertTo-Set($Bound) {
    $set = @{}
    $names = @{
        RetryInterval = 'minimum_retry_delay'; RetryTimeout = 'no_progress_timeout'; MaxDownloadTime = 'maximum_download_time'
        ProxyBypass = 'proxy_bypass_list'; HttpMethod = 'http_method'; NotifyCmdLine = 'notify_command'
        CustomHeaders = 'custom_headers'; CertStoreName = 'certificate_store_name'
    }
    foreach ($name in $names.Keys) { if ($Bound.ContainsKey($name)) { $set[$names[$name]] = $Bound[$name] } }
    if ($Bound.ContainsKey('TransferPolicy')) { $set.transfer_policy = "$($Bound.TransferPolicy)".Split([char[]]', ', [StringSplitOptions]::RemoveEmptyEntries) }
    $numbers = @{ SecurityFlags = 'security_flags'; ACLFlags = 'acl_flags'; NotifyFlags = 'notify_flags' }
    foreach ($name in $numbers.Keys) { if ($Bound.ContainsKey($name)) { $set[$numbers[$name]] = @($Bound[$name].ToString('D')) } }
    $words = @{ ProxyUsage = 'proxy_usage'; CertStoreLocation = 'certificate_store_location'; UseStoredCredential = 'use_stored_credential' }
    foreach ($name in $words.Keys) { if ($Bound.ContainsKey($name)) { $set[$words[$name]] = "$($Bound[$name])".ToLowerInvariant() } }
    $switches = @{ Dynamic = 'dynamic'; CustomHeadersWriteOnly = 'custom_headers_write_only' }
    foreach ($name in $switches.Keys) { if ($Bound.ContainsKey($name)) { $set[$switches[$name]] = [bool]$Bound[$name] } }
    if ($Bound.ContainsKey('ProxyList')) { $set.proxy_list = @(foreach ($uri in $Bound.ProxyList) { $uri.OriginalString }) }
    if ($Bound.ContainsKey('CertHash')) { $set.certificate_hash = [BitConverter]::ToString($Bound.CertHash).Replace('-', '') }
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

function ConvertTo-LocalTime([string]$Text) {
    if (-not $Text) { return [datetime]::FromFileTimeUtc(0).ToLocalTime() } # unset is a minimum date
    [datetime]::Parse($Text, [Globalization.CultureInfo]::InvariantCulture, 'RoundtripKind').ToLocalTime()
}

# A job as the cmdlets show it: what it was when it was asked for.
function ConvertTo-BitsJob($Answer) {
    $files = foreach ($f in $Answer.files) {
        [pscustomobject]@{
            PSTypeName = 'Microsoft.BackgroundIntelligentTransfer.Management.BitsFile'
            RemoteName = $f.remote_name.Substring(1); LocalName = $f.local_name.Substring(1)
            IsTransferComplete = [bool]$f.complete
            BytesTotal = [UInt64]$f.bytes_total.Substring(1); BytesTransferred = [UInt64]$f.bytes_transferred.Substring(1)
        }
    }
    $failed = $null
    if ($Answer.hresult -ne 0) { $failed = $Answer.error.Substring(1) }
    $job = [pscustomobject]@{
        PSTypeName = 'Microsoft.BackgroundIntelligentTransfer.Management.BitsJob'
        JobId = [Guid]$Answer.id.Substring(1)
        DisplayName = $Answer.display_name.Substring(1); Description = $Answer.description.Substring(1)
        TransferType = [BitsJobType]$Answer.transfer_type.Substring(1); JobState = [BitsJobState]$Answer.state.Substring(1)
        Priority = [BitsJobPriority]$Answer.priority.Substring(1); OwnerAccount = $Answer.owner.Substring(1)
        FileList = @($files); FilesTotal = [UInt32]@($files).Count; FilesTransferred = [UInt32]$Answer.files_transferred
        BytesTotal = [UInt64]$Answer.bytes_total.Substring(1); BytesTransferred = [UInt64]$Answer.bytes_transferred.Substring(1)
        CreationTime = ConvertTo-LocalTime -Text $Answer.created.Substring(1)
        ModificationTime = ConvertTo-LocalTime -Text $Answer.modified.Substring(1)
        TransferCompletionTime = ConvertTo-LocalTime -Text $Answer.transferred.Substring(1)
        InternalErrorCode = [int]$Answer.hresult; ErrorContext = $Answer.context.Substring(1); ErrorDescription = $failed
    }
    Add-Shown -Job $job -Answer $Answer
    $job
}

# The members that differ between versions, as the list views of the modules name them.
function Add-Shown($Job, $Answer) {
    $members = [ordered]@{
        MinimumRetryDelay = $Answer.minimum_retry_delay # since 2022
        NoProgressTimeout = $Answer.no_progress_timeout # since 2022
        RetryInterval = $Answer.minimum_retry_delay # of 2016
        RetryTimeout = $Answer.no_progress_timeout # of 2016
        TransferPolicy = [CostStates]$Answer.transfer_policy
        ProxyUsage = [BitsJobProxyUsage]$Answer.proxy_usage.Substring(1)
        ProxyList = if ($Answer.proxy_list) { ConvertTo-Texts -Marked $Answer.proxy_list -As ([Uri]) }
        ProxyBypassList = if ($Answer.proxy_bypass_list) { ConvertTo-Texts -Marked $Answer.proxy_bypass_list -As ([string]) }
        MaximumDownloadTime = $Answer.maximum_download_time # since 2022
        HttpMethod = $Answer.http_method.Substring(1) # since 2022
        Dynamic = $Answer.dynamic # since 2022
        SecurityFlags = [SecurityFlagValue]$Answer.security_flags # since 2022
        ACLFlags = [ACLFlagValue]$Answer.acl_flags # since 2022
        NotifyFlags = [NotifyFlagValue]$Answer.notify_flags # since 2022
        NotifyCmdLine = if ($Answer.notify_command) { ConvertTo-Texts -Marked $Answer.notify_command -As ([string]) } # since 2022
        CustomHeaders = if ($Answer.custom_headers) { ConvertTo-Texts -Marked $Answer.custom_headers -As ([string]) } # since 2022
        CertificateStoreLocation = if ($Answer.certificate_store_location) { Get-Certificate -Answer $Answer -Part 'certificate_store_location' } # since 2022
        CertificateStoreName = if ($Answer.certificate_store_name) { Get-Certificate -Answer $Answer -Part 'certificate_store_name' } # since 2022
        CertificateHash = if ($Answer.certificate_hash) { Get-Certificate -Answer $Answer -Part 'certificate_hash' } # since 2022
    }
    foreach ($name in $members.Keys) {
        $Job.PSObject.Properties.Add([psnoteproperty]::new($name, $members[$name]), $true)
    }
}

function ConvertTo-Texts($Marked, [type]$As) {
    if ($null -eq $Marked) { return $null }
    $list = @(foreach ($text in $Marked) { if ($As -eq [Uri]) { [Uri]$text.Substring(1) } else { $text.Substring(1) } })
    , $list
}

# A part of the client certificate's name, in the type that it has.
function Get-Certificate($Answer, [string]$Part) {
    if ($null -eq $Answer.$Part) { return $null }
    $text = $Answer.$Part.Substring(1)
    switch ($Part) {
        'certificate_store_location' { [CertStoreLocationValue]$text }
        'certificate_hash' { , [byte[]]@(for ($i = 0; $i -lt $text.Length; $i += 2) { [Convert]::ToByte($text.Substring($i, 2), 16) }) }
        default { $text }
    }
}

function Get-Job([string]$Id) {
    ConvertTo-BitsJob -Answer (Invoke-Host -Call @{ call = 'open'; id = $Id }).jobs[0]
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
        try { $list = Invoke-Host -Call @{ call = 'list'; all_users = [bool]$AllUsers } }
        catch {
            $id = ''
            if ($AllUsers -and $_.Exception -is [UnauthorizedAccessException]) { $id = 'GetBitsTransferAuthException' }
            $PSCmdlet.WriteError((New-Refusal -Caught $_ -Id $id))
            return
        }
        if (-not $list.PSObject.Properties['ids']) { return }
        $ids = @(foreach ($id in $list.ids) { $id.Substring(1) })
        for ($first = 0; $first -lt $ids.Count; $first += 100) {
            $some = @($ids[$first..([Math]::Min($first + 99, $ids.Count - 1))])
            foreach ($answer in (Invoke-Host -Call @{ call = 'read'; ids = $some }).jobs) {
                $job = ConvertTo-BitsJob -Answer $answer
                if (-not $Name -or @($Name | Where-Object { $job.DisplayName -like $_ }).Count -gt 0) { $job }
            }
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
        [string[]]$ProxyBypass,
        [Management.Automation.PSCredential]$ProxyCredential,
        [Uri[]]$ProxyList,
        [ValidateSet('SystemDefault', 'NoProxy', 'AutoDetect', 'Override')][string]$ProxyUsage,
        [ValidateRange(60, 2147483647)][int]$RetryInterval,
        [ValidateRange(0, 2147483647)][int]$RetryTimeout,
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)][string[]]$Source,
        [switch]$Suspended,
        [CostStates]$TransferPolicy,
        [ValidateSet('Download', 'Upload', 'UploadReply')][string]$TransferType = 'Download',
        [ACLFlagValue]$ACLFlags, # since 2022
        [byte[]]$CertHash, # since 2022
        [CertStoreLocationValue]$CertStoreLocation, # since 2022
        [string]$CertStoreName, # since 2022
        [string[]]$CustomHeaders, # since 2022
        [switch]$CustomHeadersWriteOnly, # since 2022
        [switch]$Dynamic, # since 2022
        [string]$HttpMethod, # since 2022
        [ValidateRange(0, 2147483647)][int]$MaxDownloadTime, # since 2022
        [string[]]$NotifyCmdLine, # since 2022
        [NotifyFlagValue]$NotifyFlags, # since 2022
        [SecurityFlagValue]$SecurityFlags, # since 2022
        [AuthenticationTargetValue]$UseStoredCredential
    )
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
            $job = ConvertTo-BitsJob -Answer (Invoke-Host -Call @{ call = 'create'; text = $DisplayName; id = $direction }).jobs[0]
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
        [Alias('pb')][string[]]$ProxyBypass,
        [Alias('pc')][Management.Automation.PSCredential]$ProxyCredential,
        [Alias('pl')][Uri[]]$ProxyList,
        [Alias('pu')][ValidateSet('SystemDefault', 'NoProxy', 'AutoDetect', 'Override')][string]$ProxyUsage,
        [ValidateRange(60, 2147483647)][int]$RetryInterval,
        [ValidateRange(0, 2147483647)][int]$RetryTimeout,
        [Alias('so')][switch]$SetOwnerToCurrentUser,
        [CostStates]$TransferPolicy,
        [ACLFlagValue]$ACLFlags, # since 2022
        [byte[]]$CertHash, # since 2022
        [CertStoreLocationValue]$CertStoreLocation, # since 2022
        [string]$CertStoreName, # since 2022
        [string[]]$CustomHeaders, # since 2022
        [switch]$CustomHeadersWriteOnly, # since 2022
        [switch]$Dynamic, # since 2022
        [Alias('hm')][string]$HttpMethod, # since 2022
        [ValidateRange(0, 2147483647)][int]$MaxDownloadTime, # since 2022
        [string[]]$NotifyCmdLine, # since 2022
        [NotifyFlagValue]$NotifyFlags, # since 2022
        [SecurityFlagValue]$SecurityFlags, # since 2022
        [AuthenticationTargetValue]$UseStoredCredential
    )
    process {
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Set')) { continue }
            try {
                if ($PSBoundParameters.ContainsKey('DisplayName')) { Invoke-Job -Job $job -Call 'set-display-name' -Text $DisplayName }
                if ($PSBoundParameters.ContainsKey('Priority')) { Invoke-Job -Job $job -Call 'set-priority' -Text $Priority.ToLowerInvariant() }
                if ($PSBoundParameters.ContainsKey('Description')) { Invoke-Job -Job $job -Call 'set-description' -Text $Description }
                Set-Bound -Job $job -Bound $PSBoundParameters
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
