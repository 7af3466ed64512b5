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
$NotifyBits = [ordered]@{ transferred = 1; error = 2; disable = 4; modification = 8 }
$AclWords = [ordered]@{ o = 'owner'; g = 'group'; d = 'dacl'; s = 'sacl' }

# The rows that a request has values for.
function Get-GivenRows($Given) {
    foreach ($row in $Properties) { if ($row['Parameter'] -and $null -ne (Get-Field -Op $Given -Name $row.Name)) { $row } }
}

# Refuses a parameter that this host's module does not have, before anything is changed.
function Assert-Parameters([string]$Cmdlet, $Rows) {
    $available = Get-AvailableParameters -Cmdlet $Cmdlet
    foreach ($row in $Rows) {
        if ($available -contains $row.Parameter) { continue }
        $Agent.Step = 'set:' + $row.Name
        throw (New-Failure -Code 'not_supported' -Text ("this host's BitsTransfer module has no {0} -{1} (module {2}, Windows {3})" -f
            $Cmdlet, $row.Parameter, $Agent.Module, [Environment]::OSVersion.Version))
    }
}

function Get-AvailableParameters([string]$Cmdlet) {
    if (-not $Agent.Parameters.ContainsKey($Cmdlet)) { $Agent.Parameters[$Cmdlet] = Get-Parameters -Cmdlet $Cmdlet }
    , $Agent.Parameters[$Cmdlet]
}

# Adds the arguments for the values of rows.
function Add-Arguments([hashtable]$Arguments, $Rows, $Given) {
    foreach ($row in $Rows) {
        $value = Get-Field -Op $Given -Name $row.Name
        switch ($row.Kind) {
            'number' { $argument = [int]$value }
            'switch' { $argument = [bool]$value }
            'word' { $argument = $value.Replace('_', '') }
            'words' { $argument = (@($value) -join ', ').Replace('_', '') }
            'list' { $argument = [string[]]@($value) }
            'headers' { $argument = [string[]]@(foreach ($index in $value) { $Agent.Secrets[[int]$index] }) }
            'hash' { $argument = ConvertFrom-Hex -Text $value }
            'account' {
                $argument = New-Credential -Account $value
                $scheme = [string](Get-Field -Op $value -Name 'scheme')
                if ($scheme) { $Arguments[$row.Scheme] = $scheme }
            }
            default { $argument = [string]$value }
        }
        if ($row.Kind -eq 'words' -and $argument -eq '') { $argument = 0 } # no flag at all
        $Arguments[$row.Parameter] = $argument
    }
}

function ConvertFrom-Hex([string]$Text) {
    $bytes = New-Object -TypeName 'byte[]' -ArgumentList ($Text.Length / 2)
    for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($Text.Substring(2 * $i, 2), 16) }
    , $bytes
}

function New-Credential($Account) {
    $password = New-Object -TypeName Security.SecureString
    foreach ($c in $Agent.Secrets[[int]$Account.password].ToCharArray()) { $password.AppendChar($c) }
    New-Object -TypeName Management.Automation.PSCredential -ArgumentList ([string]$Account.username), $password
}

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

# Adds the properties that a job's object shows to its value; a getter may fail on an older Windows, or show another type. One loop
# without helpers for what most jobs have, as for the rest of a job.
function Add-JobProperties($Value, $Job) {
    $has = $Job.PSObject.Properties
    foreach ($row in $Readable) {
        try {
            $shown = $null
            foreach ($member in $row.Read) {
                $property = $has[$member]
                if ($property) { $shown = $property.Value; break }
            }
            if ($null -eq $shown) { continue }
            switch ($row.Kind) {
                'number' { $Value[$row.Name] = [long]$shown }
                'switch' { $Value[$row.Name] = [bool]$shown }
                'text' { $Value[$row.Name] = [string]$shown }
                'list' { $Value[$row.Name] = @(foreach ($item in $shown) { if ($item -is [Uri]) { $item.OriginalString } elseif ($null -ne $item) { [string]$item } }) }
                'headers' { $Value[$row.Name] = @(foreach ($item in $shown) { "$item".Split([char[]]"`r`n", [StringSplitOptions]::RemoveEmptyEntries) }) }
                'hash' {
                    if ($shown -isnot [string]) { $shown = [BitConverter]::ToString([byte[]]$shown).Replace('-', '') }
                    $Value[$row.Name] = $shown.ToLowerInvariant()
                }
                'bits' { $Value[$row.Name] = @(foreach ($word in $NotifyBits.Keys) { if ([int]$shown -band $NotifyBits[$word]) { $word } }) }
                'words' { $Value[$row.Name] = @(Get-FlagNames -Shown $shown | ForEach-Object { ConvertTo-Word -Name $_ }) }
                'letters' { $Value[$row.Name] = @(Get-FlagNames -Shown $shown | ForEach-Object { $letter = $_.Substring(0, 1); if ($AclWords.Contains($letter)) { $AclWords[$letter] } else { $_ } }) }
                default { $Value[$row.Name] = ConvertTo-Word -Name "$shown" }
            }
        } catch { continue } # it is not shown, then
    }
}

# The names in a bit field; none for 0, whatever it is called.
function Get-FlagNames($Shown) {
    if ($Shown -is [Enum] -and [Convert]::ToInt64($Shown) -eq 0) { return }
    foreach ($name in "$Shown".Split([char[]]', ', [StringSplitOptions]::RemoveEmptyEntries)) { if ($name -ne 'None' -and $name -ne '0') { $name } }
}
