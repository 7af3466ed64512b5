# What this PowerShell itself does.

# The commands of the agent and of the probe that are no functions of theirs.
function Get-UsedCommand {
    $tokens = $null
    $errors = $null
    $ast = [Management.Automation.Language.Parser]::ParseInput($Text, [ref]$tokens, [ref]$errors)
    $own = @{}
    foreach ($f in $ast.FindAll({ param($a) $a -is [Management.Automation.Language.FunctionDefinitionAst] }, $true)) { $own[$f.Name] = $true }
    $used = @{}
    foreach ($c in $ast.FindAll({ param($a) $a -is [Management.Automation.Language.CommandAst] }, $true)) {
        $name = $c.GetCommandName()
        if ($name -and -not $own.ContainsKey($name)) { $used[$name] = $true }
    }
    @($used.Keys | Sort-Object)
}

function Test-Commands {
    Write-Evidence -Words "PSModulePath is $env:PSModulePath"
    $elsewhere = New-Object -TypeName Collections.ArrayList
    $missing = New-Object -TypeName Collections.ArrayList
    $names = @(Get-UsedCommand)
    foreach ($name in $names) {
        $command = Get-Command -Name $name -ErrorAction Ignore
        if ($null -eq $command) { [void]$missing.Add($name); continue }
        $path = ''
        if ($command.Module) { $path = $command.Module.Path }
        Write-Evidence -Words "${name}: $($command.CommandType), $($command.ModuleName) $path"
        if ($path -and -not $path.StartsWith($PSHOME, [StringComparison]::OrdinalIgnoreCase)) { [void]$elsewhere.Add("$name from $path") }
    }
    Write-Answer -Words "$($names.Count) commands; from outside of PSHOME: $($elsewhere.ToArray() -join ', ') ($($elsewhere.Count)); not there: $($missing.ToArray() -join ', ') ($($missing.Count))."
}

# Its text is run here, and by a process that starts under a policy.
function Write-CommandResult {
    $calls = [ordered]@{
        'New-Object' = { New-Object -TypeName Text.StringBuilder }
        'ConvertTo-Json' = { ConvertTo-Json -InputObject 1 -Depth 2 -Compress }
        'ConvertFrom-Json' = { ConvertFrom-Json -InputObject '{}' }
        'Join-Path' = { Join-Path -Path 'a' -ChildPath 'b' }
        'Get-ExecutionPolicy' = { Get-ExecutionPolicy -List }
        'Remove-TypeData' = { Remove-TypeData -TypeName 'terraform-provider-bits.Nothing' -ErrorAction Ignore }
    }
    foreach ($name in $calls.Keys) {
        try { [void](. $calls[$name]); "$name ok" } catch { "$name $($_.FullyQualifiedErrorId)" }
    }
}

function Test-PolicyCommands {
    Write-Answer -Words "Now: $(@(Write-CommandResult) -join ', ')."
    if ([Environment]::OSVersion.Platform -ne 'Win32NT') { Write-Answer -Words 'Policies are on Windows only.'; return }
    $text = (Get-Command -Name Write-CommandResult -CommandType Function).Definition
    foreach ($policy in 'AllSigned', 'Restricted') {
        Write-Answer -Words "${policy}: $(Invoke-UnderPolicy -Policy $policy -Text $text)."
    }
}

function Test-Json {
    $written = [ordered]@{
        'no output' = @{ a = $(if ($false) { 1 }) }; 'null' = @{ a = $null }; 'no elements' = @{ a = @() }; 'one element' = @{ a = @(1) }
        'a list of lists' = @{ a = , @(1) }; 'an output of two' = @{ a = $(1, 2) }; 'New-Object' = @{ a = New-Object -TypeName 'string[]' -ArgumentList 1 }
        'not ASCII' = @{ a = [string][char]0xe9 }; 'markup' = @{ a = "<>&'" }; 'a time' = @{ a = [datetime]::SpecifyKind([datetime]'2026-01-02', 'Utc') }
    }
    foreach ($name in $written.Keys) { Write-Answer -Words "${name}: $(ConvertTo-Json -InputObject $written[$name] -Depth 4 -Compress);" }
    foreach ($json in '[1]', '[]', '{"a":[]}', '{"a":[1]}', '{"a":1}', '{"a":3000000000}', '{"a":1.5}', '{"a":"\/Date(1)\/"}', '{"a":"2026-01-02T03:04:05Z"}', '{"a":1,"A":2}') {
        try { $value = ConvertFrom-Json -InputObject $json } catch { Write-Answer -Words "$json is refused;"; continue }
        if ($value -is [Management.Automation.PSCustomObject]) { $value = $value.a }
        $type = 'nothing'
        if ($null -ne $value) { $type = $value.GetType().Name }
        Write-Answer -Words "$json is $type;"
    }
}

# The relay ends like this: a thread reads stdin when the process is to end.
function Test-ExitWhileReading {
    [void]$Reader.BaseStream.CopyToAsync([IO.Stream]::Null)
    Wait-Moment -Milliseconds 1000 # the thread is in its read then
    Send-Line -Object '{"ready":1}'
    [Environment]::Exit(9)
}
