# A stand-in for the module BitsTransfer of Windows Server 2022. Names, types, value sets, aliases, positions and
# defaults of the parameters are those of the cmdlets' reference pages (docset winserver2022-ps/BitsTransfer,
# learn.microsoft.com). The cmdlets drive the BITS service of the simulated host, and fail as the real ones do: with
# error records that stop nothing unless the caller says so.

enum ACLFlagValue { None = 0; o = 1; g = 2; d = 4; s = 8 }
enum AuthenticationTargetValue { None; Server; Proxy }
enum CertStoreLocationValue {
    CURRENT_USER; LOCAL_MACHINE; CURRENT_SERVICE; SERVICES; USERS; CURRENT_USER_GROUP_POLICY; LOCAL_MACHINE_GROUP_POLICY
    LOCAL_MACHINE_ENTERPRISE
}
enum CostStates {
    None; Unrestricted; Capped; BelowCap; NearCap; OverCapCharged; OverCapThrottled; UsageBased; Roaming; IgnoreCongestion
    PolicyUnrestricted; Standard; NoSurcharge; NotRoaming; Always
}
[Flags()] enum NotifyFlagValue { JobTransferred = 1; JobError = 2; Disable = 4; JobModification = 8 }
[Flags()] enum SecurityFlagValue { None = 0; EnableCRLCheck = 1; IgnoreCertCNInvalid = 2; IgnoreCertDateInvalid = 4; IgnoreUnknownCA = 8 }

enum BitsJobState { Queued; Connecting; Transferring; Suspended; Error; TransientError; Transferred; Acknowledged; Cancelled }
enum BitsJobPriority { Foreground; High; Normal; Low }
enum BitsJobType { Download; Upload; UploadReply }

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

# What is bound and has no effect on a simulated host: it is refused, for nobody shall believe that it was tried.
function Assert-Simulated([Collections.IDictionary]$Bound, [string[]]$Known) {
    foreach ($name in $Bound.Keys) {
        if ($Known -notcontains $name -and [Management.Automation.PSCmdlet]::CommonParameters -notcontains $name -and
            [Management.Automation.PSCmdlet]::OptionalCommonParameters -notcontains $name) {
            throw (New-Object -TypeName NotSupportedException -ArgumentList "The simulated BitsTransfer module has no -$name yet.")
        }
    }
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
    [pscustomobject]@{
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
}

function Get-Job([string]$Id) {
    ConvertTo-BitsJob -Answer (Invoke-Host -Call @{ call = 'open'; id = $Id }).jobs[0]
}

# One call on a job that a cmdlet was given.
function Invoke-Job($Job, [string]$Call, [string]$Text, [string]$Local) {
    [void](Invoke-Host -Call @{ call = $Call; id = $Job.JobId.ToString('D'); text = $Text; local = $Local })
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
        [int]$RetryInterval,
        [int]$RetryTimeout,
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)][string[]]$Source,
        [switch]$Suspended,
        [CostStates]$TransferPolicy,
        [ValidateSet('Download', 'Upload', 'UploadReply')][string]$TransferType = 'Download',
        [AuthenticationTargetValue]$UseStoredCredential,
        [ACLFlagValue]$ACLFlags,
        [byte[]]$CertHash,
        [CertStoreLocationValue]$CertStoreLocation,
        [string]$CertStoreName,
        [string[]]$CustomHeaders,
        [switch]$CustomHeadersWriteOnly,
        [switch]$Dynamic,
        [string]$HttpMethod,
        [int]$MaxDownloadTime,
        [string[]]$NotifyCmdLine,
        [NotifyFlagValue]$NotifyFlags,
        [SecurityFlagValue]$SecurityFlags
    )
    process {
        Assert-Simulated -Bound $PSBoundParameters -Known 'Asynchronous', 'Description', 'Destination', 'DisplayName', 'Priority',
            'Source', 'Suspended', 'TransferType'
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
        [int]$RetryInterval,
        [int]$RetryTimeout,
        [Alias('so')][switch]$SetOwnerToCurrentUser,
        [CostStates]$TransferPolicy,
        [AuthenticationTargetValue]$UseStoredCredential,
        [ACLFlagValue]$ACLFlags,
        [byte[]]$CertHash,
        [CertStoreLocationValue]$CertStoreLocation,
        [string]$CertStoreName,
        [string[]]$CustomHeaders,
        [switch]$CustomHeadersWriteOnly,
        [switch]$Dynamic,
        [Alias('hm')][string]$HttpMethod,
        [int]$MaxDownloadTime,
        [string[]]$NotifyCmdLine,
        [NotifyFlagValue]$NotifyFlags,
        [SecurityFlagValue]$SecurityFlags
    )
    process {
        Assert-Simulated -Bound $PSBoundParameters -Known 'BitsJob', 'Description', 'DisplayName', 'Priority'
        foreach ($job in $BitsJob) {
            if (-not $PSCmdlet.ShouldProcess($job.DisplayName, 'Set')) { continue }
            try {
                if ($PSBoundParameters.ContainsKey('DisplayName')) { Invoke-Job -Job $job -Call 'set-display-name' -Text $DisplayName }
                if ($PSBoundParameters.ContainsKey('Priority')) { Invoke-Job -Job $job -Call 'set-priority' -Text $Priority.ToLowerInvariant() }
                if ($PSBoundParameters.ContainsKey('Description')) { Invoke-Job -Job $job -Call 'set-description' -Text $Description }
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
