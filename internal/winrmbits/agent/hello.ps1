# hello: who and what is there.

function Get-Parameters([string]$Cmdlet) {
    $common = 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable',
        'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'ProgressAction', 'WhatIf', 'Confirm'
    $names = New-Object -TypeName Collections.ArrayList
    foreach ($name in (Get-Command -Name $Cmdlet -ErrorAction Stop).Parameters.Keys) {
        if ($common -notcontains $name) { [void]$names.Add([string]$name) }
    }
    $names.Sort()
    , $names.ToArray()
}

function Get-Policies {
    $policies = [ordered]@{}
    try { foreach ($p in (Get-ExecutionPolicy -List)) { $policies["$($p.Scope)"] = "$($p.ExecutionPolicy)" } }
    catch { $policies = [ordered]@{} } # it tells, and decides nothing
    $policies
}

function Invoke-Hello {
    $caller = @{ Account = ''; Sid = ''; Elevated = $false }
    try { $caller = Get-CallerIdentity } catch { $caller.Account = '' } # reads then say so by themselves
    $parameters = [ordered]@{}
    $problem = $null
    $allUsers = $false
    try {
        Assert-Module
        foreach ($cmdlet in 'Start-BitsTransfer', 'Set-BitsTransfer') { $parameters[$cmdlet] = Get-Parameters -Cmdlet $cmdlet }
        $Agent.Step = 'read'
        $allUsers = [bool](Test-AllUsers)
        if (-not $allUsers) { [void]@(Get-VisibleJob -AllUsers $false) }
    } catch { $problem = Get-Failure -Record $_ } # every operation that it stops tells it, too
    [ordered]@{
        protocol = 1; computer = [Environment]::MachineName; os = [Environment]::OSVersion.Version.ToString()
        powershell = $PSVersionTable.PSVersion.ToString(); module = [string]$Agent.Module
        language_mode = "$($ExecutionContext.SessionState.LanguageMode)"; policies = Get-Policies
        process64 = [bool](Test-Process64); os64 = [Environment]::Is64BitOperatingSystem
        account = $caller.Account; sid = $caller.Sid; elevated = [bool]$caller.Elevated
        all_users = $allUsers; parameters = $parameters; problem = $problem; now = ConvertTo-Time -Value (Get-Now)
    }
}
