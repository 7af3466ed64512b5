# Policies that stand in the provider's way. They are set for the time of the question.

# What a script prints in a process that starts under a policy, as the agent does.
function Invoke-UnderPolicy([string]$Policy, [string]$Text) {
    $key = 'SOFTWARE\Policies\Microsoft\Windows\PowerShell'
    Set-Setting -Key $key -Name 'EnableScripts' -Value 1 -Kind 'DWord'
    Set-Setting -Key $key -Name 'ExecutionPolicy' -Value $Policy -Kind 'String'
    $program = Join-Path -Path $PSHOME -ChildPath 'powershell.exe'
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Text))
    $printed = Invoke-Program -Name $program -Arguments '-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-OutputFormat', 'Text', '-EncodedCommand', $encoded
    $printed.Substring(0, [Math]::Min(400, $printed.Length))
}

function Test-ExecutionPolicy {
    Assert-Windows -What 'an execution policy'
    foreach ($policy in 'AllSigned', 'Restricted') {
        foreach ($way in 'Import-BitsModule', 'Import-BitsAssembly') {
            $text = 'function ' + $way + ' { ' + (Get-Command -Name $way -CommandType Function).Definition + ' }; try { ' + $way +
                '; (Get-Command -Name Start-BitsTransfer -ErrorAction Stop).Name } catch { $_.FullyQualifiedErrorId + " " + $_.Exception.Message }'
            Write-Answer -Words "${policy}, ${way}: $(Invoke-UnderPolicy -Policy $policy -Text $text)."
        }
    }
}

# As SYSTEM: a job that nobody touches for a minute.
function Test-Expiry {
    Assert-Windows -What 'the policy JobInactivityTimeout'
    Import-BitsModule
    Set-Setting -Key 'SOFTWARE\Policies\Microsoft\Windows\BITS' -Name 'JobInactivityTimeout' -Value 60 -Kind 'DWord'
    $since = [datetime]::UtcNow
    Restart-Service -Name BITS -Force -ErrorAction Stop # reads its policies when it starts
    $job = New-ProbeJob -Suffix 'expiry'
    $waited = [Diagnostics.Stopwatch]::StartNew()
    $listed = $true
    while ($listed -and $waited.Elapsed.TotalSeconds -lt 3 * [int]$Probe.Data.patience) {
        Wait-Moment -Milliseconds 2000
        $listed = @(Get-ProbeJob -AllUsers $false).Count -gt 0
    }
    Write-Answer -Words "With JobInactivityTimeout 60 s the job is listed after $([int]$waited.Elapsed.TotalSeconds) s: $listed; events $(Write-Events -Id $job.JobId -Since $since -Name (Get-ProbeName -Suffix 'expiry'))."
}
