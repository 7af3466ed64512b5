# Jobs as the module BitsTransfer shows them on hosts that are odd: a part of that module.

# How odd the objects are, as the host says with its latest answer; and the time zone of this machine.
$Odd = $null
$OwnZone = "$env:TZ"

# The jobs in the answer to a call.
function Read-Job([hashtable]$Call) {
    $answer = Invoke-Host -Call $Call
    $script:Odd = $answer.odd
    $zone = $OwnZone
    if ($Odd.PSObject.Properties['zone']) { $zone = $Odd.zone }
    if ("$env:TZ" -cne $zone) { $env:TZ = $zone; [TimeZoneInfo]::ClearCachedData() }
    if ($answer.PSObject.Properties['jobs']) { $answer.jobs | ConvertTo-BitsJob }
}

function ConvertTo-ShownTime([string]$Text) {
    $utc = [datetime]::FromFileTimeUtc(0) # unset is a minimum date
    if ($Text) { $utc = [datetime]::Parse($Text, [Globalization.CultureInfo]::InvariantCulture, 'RoundtripKind') }
    if (-not $Odd.PSObject.Properties['times']) { return $utc.ToLocalTime() }
    switch ($Odd.times) {
        'utc' { $utc }
        'bare_utc' { [datetime]::SpecifyKind($utc, [DateTimeKind]::Unspecified) }
        'bare_local' { [datetime]::SpecifyKind($utc.ToLocalTime(), [DateTimeKind]::Unspecified) }
    }
}
