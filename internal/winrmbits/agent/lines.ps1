# Lines: requests from the client, and answers to it.

# A field of a request, or $null. A list is returned as one, also when it has a single element.
function Get-Field($Op, [string]$Name) {
    $property = $Op.PSObject.Properties[$Name]
    if (-not $property) { return $null }
    if ($property.Value -is [array]) { return , $property.Value }
    $property.Value
}

# A token of a request. It becomes part of a name, or a line to another process.
function Get-Token($Op) {
    $value = [string]$Op.token
    if ($value -cnotmatch '\A[0-9a-f]{32}\z') { throw (New-Failure -Code 'refused' -Text 'The token is not 32 hexadecimal digits.') }
    $value
}

# Keeps the secret of a line: secret INDEX BASE64. Only .NET sees it, because module logging keeps what cmdlets are given.
function Save-Secret([string]$Object) {
    $words = $Object.Split(' ')
    if ($words.Length -ne 3) { return $false }
    try { $Agent.Secrets[[int]$words[1]] = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($words[2])) } catch { return $false }
    $true
}

# The request in what follows the token of a line, or nothing for a damaged one, or when secrets of it are missing.
function Read-Request([string]$Object) {
    if (-not $Object.TrimStart().StartsWith('{')) { return }
    try {
        $request = ConvertFrom-Json -InputObject $Object
        $number = [int]$request.b
        if ([int](Get-Field -Op $request -Name 'secrets') -ne $Agent.Secrets.Count) { return }
        if ($request.ops -is [array] -and $number -ge 1 -and ($number -eq $Agent.Batch -or $number -eq $Agent.Batch + 1)) { $request }
    } catch { return }
}

function ConvertTo-Ascii([string]$Text) {
    $others = [regex]::Matches($Text, '[^\x20-\x7e]')
    if ($others.Count -eq 0) { return $Text }
    $ascii = [Text.StringBuilder]::new($Text.Length + 5 * $others.Count)
    $next = 0
    foreach ($other in $others) {
        [void]$ascii.Append($Text, $next, $other.Index - $next).Append('\u').Append(([int]$other.Value[0]).ToString('x4'))
        $next = $other.Index + 1
    }
    $ascii.Append($Text, $next, $Text.Length - $next).ToString()
}

function ConvertTo-Line($Value) {
    ConvertTo-Ascii -Text (ConvertTo-Json -InputObject $Value -Depth 8 -Compress)
}

function Send-Line([string]$Object) {
    $bytes = [Text.Encoding]::ASCII.GetBytes("$Token $Object`n")
    $Agent.Output.Write($bytes, 0, $bytes.Length)
    $Agent.Output.Flush()
}
