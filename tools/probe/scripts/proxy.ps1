# Which proxy jobs of SYSTEM use. The server of this program takes requests for other hosts, as a proxy does, and tells
# which came.

$Connections = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections'

function Test-Proxy {
    Assert-Windows -What 'netsh winhttp'
    Assert-Server
    Import-BitsModule
    $server = ([Uri]$Probe.Data.url).Authority
    $before = [Microsoft.Win32.Registry]::GetValue("HKEY_LOCAL_MACHINE\$Connections", 'WinHttpSettings', $null)
    Set-Setting -Key $Connections -Name 'WinHttpSettings' -Value $before -Kind 'Binary' # puts it back, whatever netsh does
    [void](Invoke-Program -Name 'netsh.exe' -Arguments 'winhttp', 'set', 'proxy', $server)
    Write-Answer -Words "With netsh winhttp set proxy: $(Get-ProxyOutcome -Name 'winhttp')."
    [void](Invoke-Program -Name 'netsh.exe' -Arguments 'winhttp', 'reset', 'proxy')

    # SYSTEM's settings of Internet Explorer stand in its own hive.
    $hive = "S-1-5-18\$Connections"
    $opened = [Microsoft.Win32.Registry]::Users.OpenSubKey($hive)
    $ie = $null
    if ($null -ne $opened) { $ie = $opened.GetValue('DefaultConnectionSettings', $null); $opened.Dispose() }
    Add-Restore -What 'the proxy of SYSTEM' -With @($hive, $ie) -Undo {
        param($With)
        [void](Invoke-Program -Name 'bitsadmin.exe' -Arguments '/util', '/setieproxy', 'localsystem', 'NO_PROXY')
        $key = [Microsoft.Win32.Registry]::Users.OpenSubKey($With[0], $true)
        if ($null -eq $key) { return }
        if ($null -eq $With[1]) { $key.DeleteValue('DefaultConnectionSettings', $false) } else { $key.SetValue('DefaultConnectionSettings', $With[1], 'Binary') }
        $key.Dispose()
    }
    [void](Invoke-Program -Name 'bitsadmin.exe' -Arguments '/util', '/setieproxy', 'localsystem', 'MANUAL_PROXY', $server, 'NULL')
    Write-Answer -Words "With bitsadmin /util /setieproxy localsystem: $(Get-ProxyOutcome -Name 'ieproxy')."
}

# A name that no name server knows is transferred only if a proxy answers for it.
function Get-ProxyOutcome([string]$Name) {
    $job = New-ProbeJob -Suffix $Name -Url "http://probe-$Name.invalid/small" -More @{ Priority = 'Foreground' }
    [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop)
    $state = Wait-Job -Id $job.JobId -For 'Transferred', 'Error', 'TransientError' -Seconds 60
    Remove-BitsTransfer -BitsJob (Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop) -ErrorAction Stop
    if ($state -eq 'Transferred') { 'the job went through it' } else { "the job did not, and is in state $state" }
}

# The settings as they are.
function Test-ProxySettings {
    foreach ($place in @(@('WinHTTP', 'HKEY_LOCAL_MACHINE', 'WinHttpSettings'), @('SYSTEM', 'HKEY_USERS\S-1-5-18', 'DefaultConnectionSettings'))) {
        $settings = Get-ProxySettings -Root $place[1] -Name $place[2]
        if ($null -eq $settings) { $settings = 'not readable' } elseif (-not $settings) { $settings = 'none' }
        Write-Answer -Words "$($place[0]) in the registry: $settings;"
    }
    if ([Environment]::OSVersion.Platform -ne 'Win32NT') { return }
    Write-Answer -Words "netsh: $(Invoke-Program -Name 'netsh.exe' -Arguments 'winhttp', 'show', 'proxy');"
    Write-Answer -Words "bitsadmin: $(Invoke-Program -Name 'bitsadmin.exe' -Arguments '/util', '/getieproxy', 'localsystem')."
}
