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

# The job of an id. That it is not there is decided by what BITS lists, never by the text of an error. What a batch has not found in
# one list, it looks for in no other: ids are not used again.
function Get-JobById([string]$Id) {
    $Agent.Step = 'read'
    $guid = [Guid]$Id
    try { return (Get-BitsTransfer -JobId $guid -ErrorAction Stop) } catch { $first = $_ }
    if ($null -eq $Agent.Listed -or $Agent.Listed.ContainsKey("$guid")) {
        $listed = @{}
        foreach ($job in (Get-VisibleJob -AllUsers (Test-AllUsers))) { $listed["$(Read-Member -Of $job -Name JobId)"] = $job }
        $found = $listed["$guid"]
        if ($null -ne $found) { return $found }
        $Agent.Listed = $listed
    }
    $hresult = Get-HResult -Exception $first.Exception
    if ($null -ne $hresult -and $hresult -cne '0x80200001') { throw $first }
    throw (New-Failure -Code 'not_found' -Text 'BITS does not list the job.')
}

# A member of an object that somebody else made; nothing where it is missing, or its getter fails: PowerShell shows that as $null.
function Read-Member($Of, [string]$Name) { try { $Of.$Name } catch { $null } }

function ConvertTo-Size($Value) {
    if ($null -eq $Value) { return $null }
    $size = $Value -as [UInt64]
    if ($null -eq $size -or $size -eq [UInt64]::MaxValue) { return $null }
    "$size"
}

$TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'"
$Invariant = [Globalization.CultureInfo]::InvariantCulture

function ConvertTo-Time($Value) {
    $time = $Value -as [datetime]
    if ($null -eq $time -or $time.Year -lt 1990) { return $null } # unset is a minimum date
    (ConvertTo-Utc -Time $time).ToString($TimeFormat, $Invariant)
}

# Which Kind the times of a job have is not documented. One without a kind may be local or UTC: it is read as the later of both, as long
# as that is not in the future, so that no job seems older than it is.
function ConvertTo-Utc([datetime]$Time) {
    if ("$($Time.Kind)" -ne 'Unspecified') { return $Time.ToUniversalTime() }
    $readings = [datetime[]]@($Time.ToUniversalTime(), [datetime]::SpecifyKind($Time, [DateTimeKind]::Utc))
    [Array]::Sort($readings)
    if ($readings[1] -gt (Get-Now).AddMinutes(5)) { $readings[0] } else { $readings[1] }
}

# TransientError -> transient_error, REMOTE_FILE and RemoteFile -> remote_file, EnableCRLCheck -> enable_crl_check.
function ConvertTo-Word([string]$Name) {
    $word = ([regex]::Replace($Name, '(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_')).ToLowerInvariant()
    $Agent.Words[$Name] = $word
    $word
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
    $failure = [ordered]@{
        hresult = $null; context = ConvertTo-Word -Name "$(Read-Member -Of $Job -Name ErrorContext)"
        text = "$(Read-Member -Of $Job -Name ErrorDescription)".Trim() # BITS may lack it in the host's language
    }
    $code = (Read-Member -Of $Job -Name InternalErrorCode) -as [long] # signed or not
    if ($code) { $failure.hresult = '0x{0:X8}' -f ($code -band [long][uint32]::MaxValue) }
    $failure
}

# The members that a job is nothing without, and the others.
$Essential = 'JobId', 'DisplayName', 'TransferType', 'Priority', 'JobState', 'FileList'
$Times = 'CreationTime', 'ModificationTime', 'TransferCompletionTime'
$Members = $Essential + $Times + @('Description', 'OwnerAccount', 'BytesTotal', 'BytesTransferred', 'FilesTransferred')

# Fails an operation because a job's object does not show a member: BITS lists the job.
function Stop-Reading($Record, [string]$Member) {
    $Agent.Step = "read:$Member"
    $Record.Exception.Data['code'] = 'unreadable'
    throw $Record
}

# Jobs from the pipeline as the protocol spells them; First is the place of the first one in a list, whose other jobs are read also when
# one can't be. It calls no function and no cmdlet for what every job has, and runs once for all: a call costs more than the rest of a
# job. get_Value throws where a getter does, of which PowerShell makes $null otherwise.
function ConvertTo-JobValue {
    param([int]$First = -1)
    begin { $index = $First }
    process {
        $job = $_
        try {
            $shown = @{}
            $has = $job.PSObject.Properties
            foreach ($name in $Members) {
                $shown[$name] = $null
                try { $shown[$name] = $has[$name].get_Value() }
                catch { if ($Essential -ccontains $name) { Stop-Reading -Record $_ -Member $name } }
            }
            $files = [Collections.ArrayList]::new()
            try {
                foreach ($f in $shown.FileList) {
                    if ($null -eq $f) { continue }
                    $of = $f.PSObject.Properties
                    $total = $f.BytesTotal
                    if ($null -ne $total) { $total = $total -as [UInt64] }
                    if ($null -ne $total) { if ($total -eq [UInt64]::MaxValue) { $total = $null } else { $total = "$total" } }
                    $file = [ordered]@{
                        remote_name = [string]$of['RemoteName'].get_Value(); local_name = [string]$of['LocalName'].get_Value(); bytes_total = $total
                        bytes_transferred = "$($f.BytesTransferred -as [UInt64])"
                    }
                    [void]$files.Add($file)
                }
            } catch { Stop-Reading -Record $_ -Member FileList }
            $owner = [string]$shown.OwnerAccount
            $name = $null
            if ($owner -and -not $owner.StartsWith('S-1-')) { $name = $owner }
            $sid = $null
            if ($owner) { $sid = $Agent.Sids[$owner] }
            if ($owner -and $null -eq $sid) { $sid = Get-OwnerSid -Account $owner }
            $state = $Agent.Words["$($shown.JobState)"]
            if ($null -eq $state) { $state = ConvertTo-Word -Name "$($shown.JobState)" }
            $type = $Agent.Words["$($shown.TransferType)"]
            if ($null -eq $type) { $type = ConvertTo-Word -Name "$($shown.TransferType)" }
            foreach ($time in $Times) {
                $at = $shown[$time]
                if ($at -isnot [datetime] -or $at.Kind -eq [DateTimeKind]::Unspecified) { $shown[$time] = ConvertTo-Time -Value $at }
                elseif ($at.Year -lt 1990) { $shown[$time] = $null }
                else { $shown[$time] = $at.ToUniversalTime().ToString($TimeFormat, $Invariant) }
            }
            $total = $shown.BytesTotal
            if ($null -ne $total) { $total = $total -as [UInt64] }
            if ($null -ne $total) { if ($total -eq [UInt64]::MaxValue) { $total = $null } else { $total = "$total" } }
            $failure = $null
            if ($state -ceq 'error' -or $state -ceq 'transient_error') { $failure = Get-JobError -Job $job }
            $value = [ordered]@{
                id = "$($shown.JobId)"; display_name = [string]$shown.DisplayName; description = [string]$shown.Description
                transfer_type = $type; priority = "$($shown.Priority)".ToLowerInvariant(); state = $state; owner_sid = $sid; owner_name = $name
                bytes_total = $total; bytes_transferred = "$($shown.BytesTransferred -as [UInt64])"
                files_transferred = [int]($shown.FilesTransferred -as [int]); created_at = $shown.CreationTime
                modified_at = $shown.ModificationTime; transferred_at = $shown.TransferCompletionTime; error = $failure; files = $files.ToArray()
            }
            foreach ($row in $Readable) {
                try {
                    $setting = $null
                    foreach ($member in $row.Read) {
                        $property = $has[$member]
                        if ($property) { $setting = $property.Value; break }
                    }
                    if ($null -eq $setting) { continue }
                    $spelled = $null
                    if ($row.Known) { $spelled = $row.Known["$setting"] }
                    if ($null -eq $spelled) { $spelled = ConvertTo-SettingValue -Row $row -Shown $setting }
                    $value[$row.Name] = $spelled
                } catch { continue } # it is not shown, then: a getter may fail on an older Windows, or show another type
            }
            $value
        } catch {
            if ($First -lt 0) { throw }
            Get-UnreadJob -Job $job -Record $_ -Index $index
        }
        $index++
    }
}

# What a list says of a job that can't be read: which it is, as far as that can be read, and why.
function Get-UnreadJob($Job, $Record, [int]$Index) {
    $id = "$(Read-Member -Of $Job -Name JobId)"
    if (-not $id) { $id = "#$Index" } # rows of a list differ in their ids
    [ordered]@{ id = $id; display_name = "$(Read-Member -Of $Job -Name DisplayName)"; unread = Get-Failure -Record $Record }
}
