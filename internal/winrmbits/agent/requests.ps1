# Requests: reading them, and what is wrong with one.

# A field of a request, or $null. A list comes back as one, also when it has a single element.
function Get-Field($Op, [string]$Name) {
    $property = $Op.PSObject.Properties[$Name]
    if (-not $property) { return $null }
    if ($property.Value -is [array]) { return , $property.Value }
    $property.Value
}

$Fields = 'id', 'display_name', 'description', 'transfer_type', 'priority', 'state', 'owner_sid', 'owner_name', 'bytes_total',
    'bytes_transferred', 'files_transferred', 'created_at', 'modified_at', 'transferred_at', 'error', 'files' + @($Properties | ForEach-Object { $_.Name })

function Test-Integer($Value) { $Value -is [int] -or $Value -is [long] }

# What is wrong with an operation as it stands; nothing when it can be run.
function Get-Fault($Op, [int]$Index, [int]$Count) {
    if ($Op -isnot [Management.Automation.PSCustomObject]) { return 'an operation is an object' }
    $name = Get-Field -Op $Op -Name 'op'
    if ($name -isnot [string]) { return '"op" is missing' }
    $ms = Get-Field -Op $Op -Name 'ms'
    if (-not (Test-Integer -Value $ms) -or $ms -le 0) { return '"ms" is missing' }
    $after = Get-Field -Op $Op -Name 'after'
    if ($null -ne $after -and (-not (Test-Integer -Value $after) -or $after -lt 0 -or $after -ge $Index)) { return '"after" names no earlier operation' }
    foreach ($pair in @(@('id', [string]), @('token', [string]), @('display_name', [string]), @('suspended', [bool]), @('mine', [bool]), @('partial', [bool]))) {
        $value = Get-Field -Op $Op -Name $pair[0]
        if ($null -ne $value -and $value -isnot $pair[1]) { return "`"$($pair[0])`" has the wrong type" }
    }
    foreach ($list in 'files', 'add_files', 'fields') {
        $value = Get-Field -Op $Op -Name $list
        if ($null -ne $value -and $value -isnot [array]) { return "`"$list`" is no list" }
    }
    switch -CaseSensitive ($name) {
        'hello' { return }
        'host' { return Get-DriveFault -Drive (Get-Field -Op $Op -Name 'drive') }
        'sweep' { return }
        'elevate' { if ($Count -ne 1) { return 'elevate stands alone in a batch' } }
        'bye' { if ($Count -ne 1) { return 'bye stands alone in a batch' }; return }
        'list' {
            foreach ($field in (Get-Field -Op $Op -Name 'fields')) {
                if ($Fields -cnotcontains $field) { return 'a job has no such field' }
            }
            return
        }
        'create' {
            $spec = Get-Field -Op $Op -Name 'job'
            if ($spec -isnot [Management.Automation.PSCustomObject]) { return '"job" is missing' }
            $fault = Get-FilesFault -Files (Get-Field -Op $spec -Name 'files') -AtLeast 1
            if ($fault) { return $fault }
            foreach ($pair in @(@('transfer_type', [string]), @('create_directories', [bool]))) {
                $value = Get-Field -Op $spec -Name $pair[0]
                if ($null -ne $value -and $value -isnot $pair[1]) { return "`"$($pair[0])`" has the wrong type" }
            }
            $fault = Get-PropertiesFault -Given $spec
            if ($fault) { return $fault }
        }
        'adopt' { break }
        'commit' { if (-not (Get-Field -Op $Op -Name 'display_name')) { return '"display_name" is missing' } }
        'change' {
            $fault = Get-FilesFault -Files (Get-Field -Op $Op -Name 'add_files') -AtLeast 0
            if ($fault) { return $fault }
            $set = Get-Field -Op $Op -Name 'set'
            if ($null -ne $set) {
                if ($set -isnot [Management.Automation.PSCustomObject]) { return '"set" is no object' }
                $fault = Get-PropertiesFault -Given $set
                if ($fault) { return $fault }
            }
        }
        'stat' { return Get-StatFault -Files (Get-Field -Op $Op -Name 'files') }
        'history' {
            $since = Get-Since -Op $Op
            $at = [datetime]::MinValue
            if ($since -and ($since -cnotmatch '\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z\z' -or -not [datetime]::TryParse($since, [ref]$at))) {
                return '"since" is no time in UTC'
            }
        }
        default { if (@('get', 'complete', 'remove') -cnotcontains $name) { return 'unknown operation' } }
    }
    if ('create', 'adopt', 'elevate' -ccontains $name) {
        if ((Get-Field -Op $Op -Name 'token') -cnotmatch '\A[0-9a-f]{32}\z') { return '"token" is not 32 hexadecimal digits' }
        return
    }
    $guid = [Guid]::Empty
    if (-not [Guid]::TryParseExact([string](Get-Field -Op $Op -Name 'id'), 'D', [ref]$guid)) { return '"id" is not a job id' }
}

function Get-FilesFault($Files, [int]$AtLeast) {
    if ($null -eq $Files) { if ($AtLeast -gt 0) { return '"files" is missing' } else { return } }
    if ($Files -isnot [array] -or $Files.Count -lt $AtLeast) { return '"files" is no list of at least one file' }
    foreach ($f in $Files) {
        if ($f -isnot [Management.Automation.PSCustomObject]) { return 'a file is an object' }
        foreach ($text in 'remote_name', 'local_name') { if ((Get-Field -Op $f -Name $text) -isnot [string]) { return "a file's `"$text`" is missing" } }
    }
}

# The request in a line, or nothing when it is none.
function Read-Request([string]$Line, [int]$At) {
    if ($Line.Length -ge $MaxLine) { return }
    $object = $Line.Substring($At + $Token.Length + 1).Trim()
    if (-not $object.StartsWith('{')) { return }
    try { $request = ConvertFrom-Json -InputObject $object } catch { return }
    if ($request -isnot [Management.Automation.PSCustomObject]) { return }
    $number = Get-Field -Op $request -Name 'b'
    if (-not (Test-Integer -Value $number) -or $number -lt 1) { return }
    if ($number -ne $Agent.Batch -and $number -ne $Agent.Batch + 1) { return }
    $ops = $request.PSObject.Properties['ops']
    if ($null -eq $ops -or $ops.Value -isnot [array]) { return }
    $request
}
