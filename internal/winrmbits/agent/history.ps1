# history: how a job that BITS no longer lists ended, as far as the event logs show.

$BitsLog = 'Microsoft-Windows-Bits-Client/Operational'
$MaxRecords = 5000 # that are looked through in one log, from the newest back
$Guids = [regex]'(?i)[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}'

# Reads what a log has about the jobs that this batch asks for, once for all of them: the records by the ids in them, the newest first.
# Braces and case of ids differ between events. Back: how far back was read, where that is not all.
function Read-Log([string]$Log, [int[]]$Events) {
    $read = @{ ById = @{}; Back = ''; Failed = '' }
    $earliest = $null
    foreach ($op in $Agent.Ops) {
        if ((Get-Field -Op $op -Name 'op') -cne 'history') { continue }
        $read.ById["$($op.id)".Replace('-', '')] = [Collections.ArrayList]::new()
        $since = Get-Since -Op $op
        if ($null -eq $earliest -or $since -lt $earliest) { $earliest = $since }
    }
    $conditions = @(foreach ($number in $Events) { "EventID=$number" }) -join ' or '
    $window = ''
    if ($earliest) { $window = " and TimeCreated[@SystemTime>='$earliest']" }
    $path = "*[System[Provider[@Name='Microsoft-Windows-Bits-Client'] and ($conditions)$window]]"
    try {
        $text = ''
        $records = @(Get-EventXml -Log $Log -XPath $path -AtMost $MaxRecords)
        foreach ($text in $records) {
            foreach ($match in $Guids.Matches($text)) {
                $about = $read.ById[$match.Value.Replace('-', '')]
                if ($null -ne $about) { [void]$about.Add($text) }
            }
        }
        if ($records.Count -eq $MaxRecords) { $read.Back = (Read-Record -Xml $text).At }
    } catch { $read.Failed = "The log $Log can't be read: $($_.Exception.Message)" }
    $read
}

# The time from which on an operation asks for records, as the protocol spells times; '' for all.
function Get-Since($Op) {
    $since = Get-Field -Op $Op -Name 'since'
    if ($since) { ConvertTo-Time -Value ([datetime]$since) } else { '' }
}

# The newest records of a log that are about a job.
function Find-Record([string]$Log, [int[]]$Events, [Guid]$Id, [string]$Since, $Remarks) {
    if (-not $Agent.Logs.ContainsKey($Log)) { $Agent.Logs[$Log] = Read-Log -Log $Log -Events $Events }
    $read = $Agent.Logs[$Log]
    if ($read.Failed) { [void]$Remarks.Add($read.Failed) }
    if ($read.Back -and $read.Back -gt $Since) { [void]$Remarks.Add("Only the newest $MaxRecords records of the log $Log were looked through.") }
    $found = [Collections.ArrayList]::new()
    foreach ($text in $read.ById[$Id.ToString('N')]) {
        $record = Read-Record -Xml $text
        if ($record.Ids -contains $Id -and $record.At -ge $Since) { [void]$found.Add($record) }
    }
    , $found.ToArray()
}

# A record's event, user, time, and the ids of jobs that it is about.
function Read-Record([string]$Xml) {
    $document = [xml]$Xml
    $user = $null
    $ids = [Collections.ArrayList]::new()
    foreach ($data in $document.SelectNodes("//*[local-name()='EventData']/*[local-name()='Data']")) {
        $name = $data.GetAttribute('Name')
        $guid = [Guid]::Empty
        if ($name -eq 'User' -and $data.InnerText) { $user = $data.InnerText }
        elseif (@('', 'jobId', 'Id') -contains $name -and [Guid]::TryParse($data.InnerText, [ref]$guid)) { [void]$ids.Add($guid) }
    }
    $at = $document.SelectSingleNode("//*[local-name()='TimeCreated']").GetAttribute('SystemTime')
    @{
        Event = [int]$document.SelectSingleNode("//*[local-name()='EventID']").InnerText; User = $user; Ids = $ids
        At = ConvertTo-Time -Value ([datetime]::Parse($at, [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::RoundtripKind))
    }
}

function Invoke-History($Op) {
    $remarks = [Collections.ArrayList]::new()
    $id = [Guid]$Op.id
    $since = Get-Since -Op $Op
    $records = (Find-Record -Log $BitsLog -Events 4, 5, 61 -Id $id -Since $since -Remarks $remarks) +
        (Find-Record -Log 'System' -Events 16384, 16387, 16388, 16389 -Id $id -Since $since -Remarks $remarks)
    $answer = [ordered]@{ ending = 'unknown'; by = $null; at = $null; text = $remarks.ToArray() -join ' ' }
    # Event 5 says more than 16384. 61, 16387 and 16388 end no job: the newest is its last trace.
    $endings = @(@(4, 'completed'), @(16389, 'expired'), @(5, 'cancelled'), @(16384, 'cancelled'))
    foreach ($pair in $endings + @(@(61, 'unknown'), @(16387, 'unknown'), @(16388, 'unknown'))) {
        foreach ($record in $records) {
            if ($record.Event -ne $pair[0]) { continue }
            $answer.ending = $pair[1]; $answer.by = $record.User; $answer.at = $record.At
            return $answer
        }
    }
    $answer
}
