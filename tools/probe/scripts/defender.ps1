# What Defender's rule against obfuscated scripts says of the agent, in audit mode.

function Test-Defender {
    Assert-Windows -What 'Defender'
    if (-not (Get-Command -Name Set-MpPreference -ErrorAction Ignore)) { Skip-Question -Why 'Defender is not there' }
    # "Block execution of potentially obfuscated scripts". Source: attack surface reduction rules reference, learn.microsoft.com.
    $rule = '5BEB7EFE-FD9A-4556-801D-275E5FFC04CC'
    $log = 'Microsoft-Windows-Windows Defender/Operational'
    $before = @((Get-MpPreference -ErrorAction Stop).AttackSurfaceReductionRules_Ids)
    $known = @($before | Where-Object { "$_" -eq $rule }).Count -gt 0
    if (-not $known) {
        Add-Restore -What "the rule $rule" -With $rule -Undo { param($With) Remove-MpPreference -AttackSurfaceReductionRules_Ids $With -ErrorAction Stop }
        Add-MpPreference -AttackSurfaceReductionRules_Ids $rule -AttackSurfaceReductionRules_Actions AuditMode -ErrorAction Stop
    } else { Write-Evidence -Words 'the rule is set already, and is left as it is' }
    $since = [datetime]::UtcNow.AddSeconds(-2).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", [Globalization.CultureInfo]::InvariantCulture)
    [void](Invoke-SystemStep -Question 'Host')
    Wait-Moment -Milliseconds 5000
    $found = @(Get-EventXml -Log $log -XPath "*[System[(EventID=1121 or EventID=1122) and TimeCreated[@SystemTime>='$since']]]" -AtMost 20)
    foreach ($xml in $found) { if ($xml) { Write-Evidence -Words $xml } }
    Write-Answer -Words "$(@($found | Where-Object { $_ }).Count) events 1121 or 1122 for an agent and one as SYSTEM."
}
