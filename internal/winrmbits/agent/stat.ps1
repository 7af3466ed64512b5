# stat: what is at a path. No link is followed: whoever may make one could otherwise show this account other files.

$MaxHashes = 1000 # that are remembered after they were answered

# Hashes by place, size and time of a file: $null while one is computed. Another runspace computes them. Of
# many, those that were answered longest ago are forgotten.
$Agent.Hashes = [hashtable]::Synchronized(@{})
$Agent.Answered = [Collections.Queue]::new()
$Agent.Work = $null

# What is wrong with a path; nothing when it is a full path on a drive and names no device and no stream.
function Get-PathFault([string]$Path) {
    if ($Path -cnotmatch '\A[A-Za-z]:\\[^\\]') { return 'The path is no full path on a drive of the host.' }
    foreach ($name in $Path.Substring(3).Split('\')) {
        if ($name -match '[\x00-\x1f:*?"<>|]' -or $name -match '\A\.{0,2}\z' -or $name -match '[. ]\z') { return 'A name in the path is none that Windows gives a file.' }
        if ($name -match '\A(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[1-9\u00b9\u00b2\u00b3]) *(\.|\z)') { return 'A name in the path means a device.' }
    }
}

# Whether a reparse point is another name for something. A volume that is mounted in a directory has the tag of a junction, and a whole volume
# as its target; other tags, as of deduplicated and tiered files, belong to the file itself.
# Source: "Reparse Point Tags", learn.microsoft.com.
function Test-Link([string]$Place) {
    $link = Get-Link -Place $Place
    $link.Type -eq 'SymbolicLink' -or ($link.Type -eq 'Junction' -and $link.Target -notmatch '\AVolume\{[0-9a-f-]{36}\}\\\z')
}

# The place of a file that is no link and is reached through none.
function Find-Place([string]$Path) {
    $fault = Get-PathFault -Path $Path
    if ($fault) { throw (New-Failure -Code 'refused' -Text $fault) }
    $names = $Path.Split('\')
    for ($i = 1; $i -lt $names.Count; $i++) {
        $place = Get-Place -Path ($names[0..$i] -join '\')
        $attributes = Get-Attributes -Place $place
        if ($attributes -band [IO.FileAttributes]::ReparsePoint -and (Test-Link -Place $place)) {
            throw (New-Failure -Code 'refused' -Text 'A symbolic link or a junction is in the path.')
        }
    }
    if ($attributes -band [IO.FileAttributes]::Directory) { throw (New-Failure -Code 'refused' -Text 'It is a directory.') }
    $place
}

function Get-FileStatus($File) {
    $status = [ordered]@{ exists = $false; size = $null; modified = $null; sha256 = $null; pending = $false; error = $null }
    try {
        $place = Find-Place -Path $File.local_name.Replace('/', '\')
        $info = [IO.FileInfo]::new($place)
        $status.size = "$($info.Length)"
        $status.modified = ConvertTo-Time -Value $info.LastWriteTimeUtc
        $status.exists = $true
        if (Get-Field -Op $File -Name 'sha256') {
            $hash = Get-Hash -Place $place -Key "$place|$($info.Length)|$($info.LastWriteTimeUtc.Ticks)"
            $status.pending = $null -eq $hash
            if ($hash -and $hash.Failed) { throw $hash.Failed }
            if ($hash) { $status.sha256 = $hash.Sha256 }
        }
    } catch {
        $failure = Get-Failure -Record $_
        $absent = '0x80070002', '0x80070003' -ccontains $failure.hresult # no such file, no such directory
        if (-not $absent) { $status.error = [ordered]@{ code = $failure.code; step = 'read'; hresult = $failure.hresult; text = $failure.text } }
        else { $status.exists = $false; $status.size = $null; $status.modified = $null }
    }
    $status
}

# A second PowerShell in this process. Its runspace adds folders to the process' PSModulePath, which are taken out again.
function New-Worker {
    $path = $env:PSModulePath
    $worker = [PowerShell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    $env:PSModulePath = $path
    $worker
}

# The hash of a file, or nothing while it is computed.
function Get-Hash([string]$Place, [string]$Key) {
    if ($Agent.Hashes.ContainsKey($Key)) {
        $hash = $Agent.Hashes[$Key]
        if ($null -eq $hash) { return }
        if ($hash.Failed) { $Agent.Hashes.Remove($Key) } # another program may use the file only for a moment
        elseif (-not $hash.Answered) { $hash.Answered = $true; $Agent.Answered.Enqueue($Key) }
        return $hash
    }
    while ($Agent.Hashes.Count -ge $MaxHashes -and $Agent.Answered.Count -gt 0) { $Agent.Hashes.Remove($Agent.Answered.Dequeue()) }
    if ($null -eq $Agent.Work) {
        $Agent.Work = New-Object -TypeName 'Collections.Concurrent.BlockingCollection[object]'
        $worker = New-Worker
        [void]$worker.AddScript(${function:Measure-Hashes}.ToString()).AddArgument($Agent.Work).AddArgument($Agent.Hashes)
        [void]$worker.BeginInvoke()
    }
    $Agent.Hashes[$Key] = $null
    $Agent.Work.Add(@{ Place = $Place; Key = $Key })
}

# Computes one hash after the other, in a runspace that has no functions but this.
function Measure-Hashes {
    param($Work, $Hashes)
    while ($true) {
        $item = $Work.Take()
        $result = @{ Sha256 = $null; Failed = $null; Answered = $false }
        try {
            $stream = [IO.File]::Open($item.Place, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::ReadWrite -bor [IO.FileShare]::Delete)
            try {
                $sha256 = [Security.Cryptography.SHA256CryptoServiceProvider]::new() # SHA256.Create fails where FIPS is enforced
                $result.Sha256 = [BitConverter]::ToString($sha256.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
            } finally { $stream.Dispose() }
        } catch { $result.Failed = $_ }
        $Hashes[$item.Key] = $result
    }
}

function Invoke-Stat($Op) {
    $files = [Collections.ArrayList]::new()
    foreach ($file in (Get-Field -Op $Op -Name 'files')) { [void]$files.Add((Get-FileStatus -File $file)) }
    [ordered]@{ files = @($files.ToArray()) }
}
