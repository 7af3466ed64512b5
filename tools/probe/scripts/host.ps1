# The host itself, and what earlier questions left on it.

function Test-Host {
    $build = [Environment]::OSVersion.Version.ToString()
    if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
        $key = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
        $name = [Microsoft.Win32.Registry]::GetValue($key, 'ProductName', '')
        $build = "$name $build.$([Microsoft.Win32.Registry]::GetValue($key, 'UBR', 0))"
    }
    $caller = Get-CallerIdentity
    Write-Evidence -Words "PowerShell $($PSVersionTable.PSVersion), account $($caller.Account), elevated $($caller.Elevated)"
    Write-Answer -Words $build
}

# Removes what questions of this program left, of this account or, run as SYSTEM, of SYSTEM.
function Test-Sweep {
    Import-BitsModule
    foreach ($job in (Get-VisibleJob -AllUsers $false)) {
        if (([string]$job.DisplayName).StartsWith($ProbePrefix, [StringComparison]::Ordinal)) { Remove-BitsTransfer -BitsJob $job -ErrorAction Stop }
    }
    $folder = Get-Place -Path 'C:\ProgramData\terraform-provider-bits-probe-'
    foreach ($file in [IO.Directory]::GetFiles([IO.Path]::GetDirectoryName($folder), 'terraform-provider-bits-probe-*')) {
        [IO.File]::SetAttributes($file, 'Normal')
        [IO.File]::Delete($file)
    }
    $left = @(foreach ($job in (Get-VisibleJob -AllUsers (Test-AllUsers))) {
        if (([string]$job.DisplayName).StartsWith($ProbePrefix, [StringComparison]::Ordinal)) { $job.JobId.ToString('D') }
    })
    Write-Answer -Words ($left -join ' ')
}
