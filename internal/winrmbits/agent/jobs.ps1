# Jobs: finding them, and spelling them as the protocol does.

function Assert-Module {
    if ($null -ne $Agent.Module) { return }
    $Agent.Step = 'import'
    try { Import-BitsModule }
    catch {
        $refused = $_ # which says more than why the way around it fails, too
        try { Import-BitsAssembly } catch { throw $refused }
    }
    $Agent.Module = [string](Get-Command -Name Start-BitsTransfer -ErrorAction Stop).Version
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

# TransientError -> transient_error, REMOTE_FILE and RemoteFile -> remote_file, EnableCRLCheck -> enable_crl_check.
function ConvertTo-Word([string]$Name) {
    ([regex]::Replace($Name, '(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_')).ToLowerInvariant()
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
    $failure = [ordered]@{ hresult = $null; context = ''; text = '' }
    $code = $has['InternalErrorCode']
    if ($code -and $null -ne $code.Value -and [int]$code.Value -ne 0) { $failure.hresult = '0x{0:X8}' -f [int]$code.Value }
    $context = $has['ErrorContext']
    if ($context) { $failure.context = ConvertTo-Word -Name "$($context.Value)" }
    # The getter asks BITS for a text in a language that the host may lack.
    try { if ($has['ErrorDescription']) { $failure.text = "$($Job.ErrorDescription)".Trim() } } catch { $failure.text = '' }
    $failure
}

# A job as the protocol spells it. One loop without helpers for what every job has: a call costs more than the rest.
function ConvertTo-JobValue($Job) {
    $has = $Job.PSObject.Properties
    $files = New-Object -TypeName Collections.ArrayList
    foreach ($f in @($Job.FileList)) {
        if ($null -eq $f) { continue }
        $total = $null
        if ([UInt64]$f.BytesTotal -ne [UInt64]::MaxValue) { $total = "$($f.BytesTotal)" }
        $file = [ordered]@{ remote_name = [string]$f.RemoteName; local_name = [string]$f.LocalName; bytes_total = $total; bytes_transferred = "$($f.BytesTransferred)" }
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
    $value = [ordered]@{
        id = $Job.JobId.ToString('D').ToLowerInvariant(); display_name = [string]$Job.DisplayName; description = $description
        transfer_type = ConvertTo-Word -Name "$($Job.TransferType)"; priority = "$($Job.Priority)".ToLowerInvariant(); state = $state
        owner_sid = $sid; owner_name = $name
        bytes_total = ConvertTo-Size -Value $Job.BytesTotal; bytes_transferred = "$($Job.BytesTransferred)"
        files_transferred = [int]$Job.FilesTransferred
        created_at = ConvertTo-Time -Value $Job.CreationTime; modified_at = ConvertTo-Time -Value $Job.ModificationTime
        transferred_at = $transferred; error = $failure; files = @($files.ToArray())
    }
    Add-JobProperties -Value $value -Job $Job
    $value
}
