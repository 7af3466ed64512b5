# Settings: the properties that a request gives, as arguments of the cmdlets.

# The rows that a request has values for.
function Get-GivenRows($Given) {
    $has = $Given.PSObject.Properties
    foreach ($row in $Properties) {
        $property = $has[$row.Name]
        if ($row['Parameter'] -and $property -and $null -ne $property.Value) { $row }
    }
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
