# host: what a host is like, beside what hello tells. Nothing of it is refused: what can't be read is null.

# The numbers of a key of the machine's registry, by name; $null when it can't be read. .NET shows them signed.
function Get-KeyNumbers([string]$Path) {
    $numbers = [ordered]@{}
    try { $values = Get-MachineKey -Path $Path } catch { return $null }
    foreach ($name in $values.Keys) {
        if ($values[$name] -is [int]) { $numbers[$name] = [long]$values[$name] -band [long][uint32]::MaxValue }
    }
    $numbers
}

# Source of the numbers: "CreateService function", learn.microsoft.com.
function Get-ServiceStart {
    $numbers = Get-KeyNumbers -Path 'SYSTEM\CurrentControlSet\Services\BITS'
    if ($null -eq $numbers) { return $null }
    switch ($numbers['Start']) {
        2 { if ($numbers['DelayedAutostart'] -eq 1) { 'automatic_delayed' } else { 'automatic' } }
        3 { 'manual' }
        4 { 'disabled' }
        default { $null }
    }
}

function Get-HostState($Op) {
    $state = [ordered]@{ now = ConvertTo-Time -Value (Get-Now); service = $null; start = Get-ServiceStart; policies = $null; free_bytes = $null }
    try { $state.service = ConvertTo-Word -Name (Get-ServiceStatus) } catch { $state.service = $null }
    $state.policies = Get-KeyNumbers -Path 'SOFTWARE\Policies\Microsoft\Windows\BITS'
    $drive = Get-Field -Op $Op -Name 'drive'
    if ($drive) {
        try { $state.free_bytes = ConvertTo-Size -Value (Get-FreeBytes -Drive $drive) } catch { $state.free_bytes = $null }
    }
    $state
}

function Get-DriveFault($Drive) {
    if ($null -ne $Drive -and ($Drive -isnot [string] -or $Drive -cnotmatch '\A[A-Za-z]:\z')) { return '"drive" is no drive such as C:' }
}

# What only Windows has. Each of these is replaced where the agent is tested elsewhere.

function Get-ServiceStatus { "$((Get-Service -Name BITS -ErrorAction Stop).Status)" }

# The values of a key of the machine's registry; none where it is missing.
function Get-MachineKey([string]$Path) {
    $values = @{}
    $opened = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    if ($null -ne $opened) { foreach ($name in $opened.GetValueNames()) { $values[$name] = $opened.GetValue($name) } }
    $values
}

function Get-FreeBytes([string]$Drive) { (New-Object -TypeName IO.DriveInfo -ArgumentList $Drive).AvailableFreeSpace }
