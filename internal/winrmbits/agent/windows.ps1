# What only Windows has. Each of these is replaced where the agent is tested elsewhere.

function Import-BitsModule {
    # By full path: SYSTEM must not search PSModulePath.
    Import-Module -Name (Join-Path -Path $PSHOME -ChildPath 'Modules\BitsTransfer\BitsTransfer.psd1') -ErrorAction Stop
}

function Get-CallerIdentity {
    $user = [Security.Principal.WindowsIdentity]::GetCurrent()
    $role = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $user
    $elevated = $role.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    @{ Account = $user.Name; Sid = $user.User.Value; Elevated = $elevated }
}

function ConvertTo-Sid([string]$Account) {
    (New-Object -TypeName Security.Principal.NTAccount -ArgumentList $Account).Translate([Security.Principal.SecurityIdentifier]).Value
}
