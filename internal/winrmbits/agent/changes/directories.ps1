# Directories that files are to come into.

# The directory of a path, or nothing where that is a drive or a share.
function Get-Parent([string]$Path) {
    $at = $Path.LastIndexOf('\')
    $root = 2
    if ($Path.StartsWith('\\')) { $root = $Path.IndexOf('\', [Math]::Max($Path.IndexOf('\', 2), 2) + 1) }
    if ($root -gt 0 -and $at -gt $root) { $Path.Substring(0, $at) }
}

# Makes what is missing of a file's directory, and adds each to those that were made.
function New-Parent([string]$Path, $Made) {
    $directory = Get-Parent -Path $Path
    if (-not $directory) { return }
    $Agent.Step = 'create-directory'
    New-Parent -Path $directory -Made $Made
    $place = Get-Place -Path $directory
    if ([IO.Directory]::Exists($place)) { return }
    $Agent.File = $directory
    [void][IO.Directory]::CreateDirectory($place)
    [void]$Made.Add($place)
    $Agent.File = ''
}

# Takes the directories back that a failed create made, the innermost first; what somebody put something into stays.
function Remove-Made($Made) {
    $Made.Reverse()
    foreach ($place in $Made) { try { [IO.Directory]::Delete($place) } catch { continue } }
}

# Whether Everyone, Authenticated Users, Interactive or Users may replace a file that SYSTEM makes in a directory: by a right to the
# directory, to delete what is in it or to change its permissions; or by a right to the file, which inherits it. Who may only make files
# can't, as in C:\ProgramData.
function Test-OpenToUsers([string]$Directory) {
    foreach ($rule in (Get-AccessRules -Directory $Directory)) {
        if (-not $rule.Allows -or 'S-1-1-0', 'S-1-5-11', 'S-1-5-4', 'S-1-5-32-545' -cnotcontains $rule.Sid) { continue }
        # GENERIC_ALL, WRITE_OWNER and WRITE_DAC, with FILE_DELETE_CHILD, or with GENERIC_WRITE, DELETE, FILE_APPEND_DATA, FILE_WRITE_DATA
        if (-not $rule.InheritOnly -and ($rule.Rights -band 0x100C0040)) { return $true }
        if ($rule.Files -and ($rule.Rights -band 0x500D0006)) { return $true }
    }
    $false
}

# The directories of files in which ordinary users may replace them. Other hosts are not asked.
function Get-OpenDirectories($Files) {
    $open = [Collections.ArrayList]::new()
    foreach ($f in $Files) {
        $directory = Get-Parent -Path ([string]$f.local_name).Replace('/', '\')
        if (-not $directory -or $directory.StartsWith('\') -or $open -contains $directory) { continue }
        try { if (Test-OpenToUsers -Directory $directory) { [void]$open.Add($directory) } }
        catch { continue } # who may not read the list does not learn it
    }
    , $open.ToArray()
}
