# Settings in the registry, put back as they were.

# Sets a value until the question ends. $null removes it.
function Set-Setting([string]$Key, [string]$Name, $Value, [string]$Kind) {
    $opened = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    $old = $null
    $kindBefore = $Kind
    $there = $null -ne $opened
    if ($there) {
        $old = $opened.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
        if ($null -ne $old) { $kindBefore = $opened.GetValueKind($Name) }
        $opened.Dispose()
    }
    Add-Restore -What "HKLM\$Key, $Name" -With @($Key, $Name, $old, $kindBefore, $there) -Undo {
        param($With)
        if ($null -ne $With[2]) { Write-Setting -Key $With[0] -Name $With[1] -Value $With[2] -Kind $With[3]; return }
        $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($With[0], $true)
        if ($null -eq $key) { return }
        $key.DeleteValue($With[1], $false)
        $empty = $key.ValueCount -eq 0 -and $key.SubKeyCount -eq 0
        $key.Dispose()
        if (-not $With[4] -and $empty) { [Microsoft.Win32.Registry]::LocalMachine.DeleteSubKey($With[0], $false) }
    }
    Write-Setting -Key $Key -Name $Name -Value $Value -Kind $Kind
}

function Write-Setting([string]$Key, [string]$Name, $Value, [string]$Kind) {
    $opened = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey($Key)
    try { if ($null -eq $Value) { $opened.DeleteValue($Name, $false) } else { $opened.SetValue($Name, $Value, $Kind) } }
    finally { $opened.Dispose() }
}
