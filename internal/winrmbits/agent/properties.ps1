# Properties: the settings of a job, as Start-BitsTransfer and Set-BitsTransfer take them and as a job's object shows them.

# One row per property, in the order in which they are set; without a Parameter a property is only read. Kind is the form
# of its value. Read names the members of a job that may show it: they differ between versions. Rows of one Group are one
# call of BITS. WhileSuspended: BITS wants credentials and certificates before a job is resumed.
$Properties = @(
    @{ Name = 'priority'; Parameter = 'Priority'; Kind = 'text'; Read = @() }
    @{ Name = 'description'; Parameter = 'Description'; Kind = 'text'; Read = @() }
    @{ Name = 'display_name'; Parameter = 'DisplayName'; Kind = 'text'; Read = @() }
    @{ Name = 'minimum_retry_delay'; Parameter = 'RetryInterval'; Kind = 'number'; Read = 'MinimumRetryDelay', 'RetryInterval' }
    @{ Name = 'no_progress_timeout'; Parameter = 'RetryTimeout'; Kind = 'number'; Read = 'NoProgressTimeout', 'RetryTimeout' }
    @{ Name = 'maximum_download_time'; Parameter = 'MaxDownloadTime'; Kind = 'number'; Read = 'MaximumDownloadTime', 'MaxDownloadTime' }
    @{ Name = 'transfer_policy'; Parameter = 'TransferPolicy'; Kind = 'words'; Read = @('TransferPolicy') }
    @{ Name = 'proxy_usage'; Parameter = 'ProxyUsage'; Kind = 'word'; Read = @('ProxyUsage'); Group = 'proxy' }
    @{ Name = 'proxy_list'; Parameter = 'ProxyList'; Kind = 'list'; Read = @('ProxyList'); Group = 'proxy' }
    @{ Name = 'proxy_bypass_list'; Parameter = 'ProxyBypass'; Kind = 'list'; Read = 'ProxyBypassList', 'ProxyBypass'; Group = 'proxy' }
    @{ Name = 'http_method'; Parameter = 'HttpMethod'; Kind = 'text'; Read = @('HttpMethod') }
    @{ Name = 'dynamic'; Parameter = 'Dynamic'; Kind = 'switch'; Read = @('Dynamic') }
    @{ Name = 'security_flags'; Parameter = 'SecurityFlags'; Kind = 'words'; Read = @('SecurityFlags') }
    @{ Name = 'acl_flags'; Kind = 'letters'; Read = @('ACLFlags') }
    @{ Name = 'notify_flags'; Kind = 'bits'; Read = @('NotifyFlags') }
    @{ Name = 'notify_command'; Kind = 'list'; Read = @('NotifyCmdLine') }
    @{ Name = 'certificate_store_location'; Parameter = 'CertStoreLocation'; Kind = 'name'; Read = @('CertificateStoreLocation'); Group = 'certificate'; WhileSuspended = $true }
    @{ Name = 'certificate_store_name'; Parameter = 'CertStoreName'; Kind = 'text'; Read = @('CertificateStoreName'); Group = 'certificate'; WhileSuspended = $true }
    @{ Name = 'certificate_hash'; Parameter = 'CertHash'; Kind = 'hash'; Read = @('CertificateHash'); Group = 'certificate'; WhileSuspended = $true }
    @{ Name = 'custom_headers'; Parameter = 'CustomHeaders'; Kind = 'headers'; Read = @('CustomHeaders'); Group = 'headers' }
    @{ Name = 'custom_headers_write_only'; Parameter = 'CustomHeadersWriteOnly'; Kind = 'switch'; Read = @(); Group = 'headers' }
    @{ Name = 'credential'; Parameter = 'Credential'; Kind = 'account'; Scheme = 'Authentication'; Read = @(); WhileSuspended = $true }
    @{ Name = 'proxy_credential'; Parameter = 'ProxyCredential'; Kind = 'account'; Scheme = 'ProxyAuthentication'; Read = @(); WhileSuspended = $true }
)
$Readable = @($Properties | Where-Object { $_.Read.Count -gt 0 })
# How values were spelled, by how jobs show them. A list would lose its parts, and headers may be secrets.
foreach ($row in $Readable) { $row.Known = if ('list', 'headers' -cnotcontains $row.Kind) { [Collections.Hashtable]::new() } }
$NotifyBits = [ordered]@{ transferred = 1; error = 2; disable = 4; modification = 8 }
$AclWords = [ordered]@{ o = 'owner'; g = 'group'; d = 'dacl'; s = 'sacl' }

# Texts of exceptions may quote what a cmdlet was given, such as the value of a header. The longest first, for it may hold
# another; and without a cmdlet, whose input a host's module logging would keep.
function Hide-Secrets([string]$Text) {
    $values = [string[]]@(foreach ($secret in $Agent.Secrets.Values) { $secret; $secret.Substring($secret.IndexOf(':') + 1).Trim() })
    $lengths = [int[]]@(foreach ($value in $values) { - $value.Length })
    [Array]::Sort($lengths, $values)
    foreach ($value in $values) {
        if ($value) { $Text = $Text.Replace($value, '(sensitive)') }
    }
    $Text
}

# A property as the protocol spells what a job's object shows of it.
function ConvertTo-SettingValue($Row, $Shown) {
    $value = switch ($Row.Kind) {
        'number' { [long]$Shown }
        'switch' { [bool]$Shown }
        'text' { [string]$Shown }
        'list' { , @(foreach ($item in $Shown) { if ($item -is [Uri]) { $item.OriginalString } elseif ($null -ne $item) { [string]$item } }) }
        'headers' { , @(foreach ($item in $Shown) { "$item".Split([char[]]"`r`n", [StringSplitOptions]::RemoveEmptyEntries) }) }
        'hash' {
            if ($Shown -isnot [string]) { $Shown = [BitConverter]::ToString([byte[]]$Shown).Replace('-', '') }
            $Shown.ToLowerInvariant()
        }
        'bits' { , @(foreach ($word in $NotifyBits.Keys) { if ([int]$Shown -band $NotifyBits[$word]) { $word } }) }
        'words' { , @(foreach ($flag in (Get-FlagNames -Shown $Shown)) { ConvertTo-Word -Name $flag }) }
        'letters' { , @(foreach ($flag in (Get-FlagNames -Shown $Shown)) { $letter = $flag.Substring(0, 1); if ($AclWords.Contains($letter)) { $AclWords[$letter] } else { $flag } }) }
        default { ConvertTo-Word -Name "$Shown" }
    }
    if ($Row.Known) { $Row.Known["$Shown"] = $value }
    , $value
}

# The names in a bit field; none for 0, whatever it is called.
function Get-FlagNames($Shown) {
    if ($Shown -is [Enum] -and [Convert]::ToInt64($Shown) -eq 0) { return }
    foreach ($name in "$Shown".Split([char[]]', ', [StringSplitOptions]::RemoveEmptyEntries)) { if ($name -ne 'None' -and $name -ne '0') { $name } }
}
