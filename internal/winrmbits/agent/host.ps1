# hello and host: the account, PowerShell, the module BitsTransfer, and the state of the host. What can't be read is null.

function Get-Parameters([string]$Cmdlet) {
    $common = 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable',
        'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'ProgressAction', 'WhatIf', 'Confirm'
    $names = [Collections.ArrayList]::new()
    foreach ($name in (Get-Command -Name $Cmdlet -ErrorAction Stop).Parameters.Keys) {
        if ($common -notcontains $name) { [void]$names.Add([string]$name) }
    }
    $names.Sort()
    , $names.ToArray()
}

function Get-Policies {
    $policies = [ordered]@{}
    try { foreach ($p in (Get-ExecutionPolicy -List)) { $policies["$($p.Scope)"] = "$($p.ExecutionPolicy)" } }
    catch { $policies = [ordered]@{} } # they explain failures, and decide nothing
    $policies
}

function Invoke-Hello($Op) {
    $caller = @{ Account = ''; Sid = ''; Elevated = $false }
    try { $caller = Get-CallerIdentity } catch { $caller.Account = '' } # reads then fail with the reason
    $parameters = [ordered]@{}
    $allUsers = $false
    try {
        Assert-Module
        foreach ($cmdlet in 'Start-BitsTransfer', 'Set-BitsTransfer') { $parameters[$cmdlet] = Get-Parameters -Cmdlet $cmdlet }
        $allUsers = [bool](Test-AllUsers)
    } catch { $allUsers = $false } # each operation that needs the module fails with the reason
    [ordered]@{
        computer = [Environment]::MachineName; os = [Environment]::OSVersion.Version.ToString()
        powershell = $PSVersionTable.PSVersion.ToString(); module = [string]$Agent.Module
        language_mode = "$($ExecutionContext.SessionState.LanguageMode)"; policies = Get-Policies
        process64 = [bool](Test-Process64); os64 = [Environment]::Is64BitOperatingSystem
        account = $caller.Account; sid = $caller.Sid; elevated = [bool]$caller.Elevated
        all_users = $allUsers; parameters = $parameters
    }
}

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

# Proxy settings as Windows stores them, in base64: '' where there are none, $null where they can't be read.
function Get-ProxySettings([string]$Root, [string]$Name) {
    $key = "$Root\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
    try { $bytes = [byte[]](Get-RegistryValue -Key $key -Name $Name) } catch { return $null }
    if ($null -eq $bytes) { return '' }
    [Convert]::ToBase64String($bytes)
}

function Get-HostState($Op) {
    $state = [ordered]@{ now = ConvertTo-Time -Value (Get-Now); service = $null; start = Get-ServiceStart; policies = $null; free_bytes = $null; logged_on = $null }
    $state.system_proxy = Get-ProxySettings -Root 'HKEY_USERS\S-1-5-18' -Name 'DefaultConnectionSettings'
    $state.winhttp_proxy = Get-ProxySettings -Root 'HKEY_LOCAL_MACHINE' -Name 'WinHttpSettings'
    try { $state.service = ConvertTo-Word -Name (Get-ServiceStatus) } catch { $state.service = $null }
    $state.policies = Get-KeyNumbers -Path 'SOFTWARE\Policies\Microsoft\Windows\BITS'
    $state.costs = Get-KeyNumbers -Path 'SOFTWARE\Policies\Microsoft\Windows\BITS\TransferPolicy'
    $drive = Get-Field -Op $Op -Name 'drive'
    if ($drive) {
        try { $state.free_bytes = ConvertTo-Size -Value (Get-FreeBytes -Drive $drive) } catch { $state.free_bytes = $null }
    }
    $account = Get-Field -Op $Op -Name 'account'
    if ($account) {
        try { $state.logged_on = [bool](Test-LoggedOn -Account $account) } catch { $state.logged_on = $null }
    }
    $state
}
