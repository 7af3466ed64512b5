
# Writes down what the client's own script gives to cmdlets, as module logging does: a list by its elements, anything else by
# its text. Source of the latter: ParameterBinderBase.cs, PowerShell/PowerShell, where it calls LogExecutionParameterBinding.
$global:Called = @{}

function Write-Call([string]$Name, $Values) {
    $words = foreach ($value in $Values) {
        foreach ($item in $value) { "$item".Replace("`r", '\r').Replace("`n", '\n') }
    }
    [IO.File]::AppendAllText("$env:WINHOST_WINDOWS/transcript.txt", $Name + "`t" + ($words -join ' ') + "`n")
}

# The named arguments of a call. PowerShell marks their names, which have a colon where the call had one.
function Get-NamedArgument($Values) {
    $named = @{}
    for ($i = 0; $i -lt $Values.Count; $i++) {
        if (-not ([psobject]$Values[$i]).PSObject.Properties['<CommandParameterName>']) { continue }
        $value = $true
        if ($i + 1 -lt $Values.Count -and -not ([psobject]$Values[$i + 1]).PSObject.Properties['<CommandParameterName>']) { $value = $Values[$i + 1] }
        $named[$Values[$i].Substring(1).TrimEnd(':')] = $value
    }
    $named
}

$ExecutionContext.InvokeCommand.PostCommandLookupAction = {
    param($Name, $Found)
    $command = $Found.Command
    if ($global:Called.ContainsKey($command.Name)) { $Found.CommandScriptBlock = $global:Called[$command.Name].Block; return }
    $ofBits = $command.ModuleName -eq 'BitsTransfer' # functions here, cmdlets on Windows
    if (-not $ofBits -and $command -isnot [Management.Automation.CmdletInfo]) { return }
    if ($command.Name -eq 'Set-StrictMode') { return } # it sets the mode of its caller's scope
    # What the stand-ins of Windows call comes from their files; the client's script has no file.
    $block = [ScriptBlock]::Create(('
        $called = $global:Called["{0}"].Command
        $piped = @($input)
        if (-not $MyInvocation.ScriptName) {{ Write-Call -Name "{0}" -Values ($args + $piped) }}
        $named = Get-NamedArgument -Values $args
        $rest = @()
        if ($named.Count -eq 0) {{ $rest = $args }}
        if ($MyInvocation.ExpectingInput) {{ $piped | & $called @named @rest }} else {{ & $called @named @rest }}
    ' -f $command.Name))
    $global:Called[$command.Name] = @{ Command = $command; Block = $block }
    $Found.CommandScriptBlock = $block
}
