# history: how a job that BITS no longer lists ended, as far as the event logs show.

$BitsLog = 'Microsoft-Windows-Bits-Client/Operational'
$MaxRecords = 5000 # that are looked through in one log, from the newest back

# The newest records of a log that are about a job. Braces and case of ids differ between events, so that they are compared
# as GUIDs; a look at the text saves reading the records of other jobs.
function Find-Record([string]$Log, [int[]]$Events, [Guid]$Id, [string]$Since, $Remarks) {
    $found = New-Object -TypeName Collections.ArrayList
    $conditions = @(foreach ($number in $Events) { "EventID=$number" }) -join ' or '
    $window = ''
    if ($Since) { $window = " and TimeCreated[@SystemTime>='$Since']" }
    $path = "*[System[Provider[@Name='Microsoft-Windows-Bits-Client'] and ($conditions)$window]]"
    try {
        $records = @(Get-EventXml -Log $Log -XPath $path -AtMost $MaxRecords)
        if ($records.Count -eq $MaxRecords) { [void]$Remarks.Add("Only the newest $MaxRecords records of the log $Log were looked through.") }
        foreach ($text in $records) {
            if ($text.Replace('-', '').IndexOf($Id.ToString('N'), [StringComparison]::OrdinalIgnoreCase) -lt 0) { continue }
            $record = Read-Record -Xml $text -Id $Id
            if ($record) { [void]$found.Add($record) }
        }
    } catch { [void]$Remarks.Add("The log $Log can't be read: $($_.Exception.Message)") }
    , $found.ToArray()
}

# A record's event, user and time, or nothing when it is about another job.
function Read-Record([string]$Xml, [Guid]$Id) {
    $document = [xml]$Xml
    $user = $null
    $about = $false
    foreach ($data in $document.SelectNodes("//*[local-name()='EventData']/*[local-name()='Data']")) {
        $name = $data.GetAttribute('Name')
        $guid = [Guid]::Empty
        if ($name -eq 'User' -and $data.InnerText) { $user = $data.InnerText }
        elseif (@('', 'jobId', 'Id') -contains $name -and [Guid]::TryParse($data.InnerText, [ref]$guid) -and $guid -eq $Id) { $about = $true }
    }
    if (-not $about) { return }
    $at = $document.SelectSingleNode("//*[local-name()='TimeCreated']").GetAttribute('SystemTime')
    @{
        Event = [int]$document.SelectSingleNode("//*[local-name()='EventID']").InnerText; User = $user
        At = ConvertTo-Time -Value ([datetime]::Parse($at, [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::RoundtripKind))
    }
}

function Invoke-History($Op) {
    $remarks = New-Object -TypeName Collections.ArrayList
    $id = [Guid]$Op.id
    $since = Get-Field -Op $Op -Name 'since'
    if ($since) { $since = ConvertTo-Time -Value ([datetime]$since) }
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
