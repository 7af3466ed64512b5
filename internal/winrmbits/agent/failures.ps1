# Failures: what an operation that failed is answered with.

# An error of this agent's own making.
function New-Failure([string]$Code, [string]$Text) {
    $failure = New-Object -TypeName InvalidOperationException -ArgumentList $Text
    $failure.Data['code'] = $Code
    $failure
}

# The HRESULT of BITS, HTTP or Windows in an exception, or $null: codes of .NET's own say nothing.
function Get-HResult($Exception) {
    for ($e = $Exception; $null -ne $e; $e = $e.InnerException) {
        $facility = $e.HResult -band 0x7fff0000
        $native = $e -is [Runtime.InteropServices.ExternalException]
        if ($native -or $facility -eq 0x00200000 -or $facility -eq 0x00190000 -or $facility -eq 0x00070000 -or $e.HResult -eq 0x80004001) {
            if ($facility -ne 0x00130000) { return '0x{0:X8}' -f $e.HResult }
        }
    }
    $null
}

function Get-Failure($Record) {
    # The record of a cmdlet that has no exception of its own comes wrapped by -ErrorAction Stop.
    if ($Record.Exception -is [Management.Automation.ActionPreferenceStopException]) { $Record = $Record.Exception.ErrorRecord }
    $exception = $Record.Exception
    $code = 'refused'
    $hresult = $null
    if ($exception -is [Management.Automation.ParameterBindingException]) { $code = 'binding' }
    else { $hresult = Get-HResult -Exception $exception }
    if ($exception.Data.Contains('code')) { $code = [string]$exception.Data['code'] }
    elseif ($hresult -ceq '0x80200001') { $code = 'not_found' }
    $failure = [ordered]@{
        code = $code; step = $Agent.Step; hresult = $hresult; text = Hide-Secrets -Text ([string]$exception.Message)
        type = $exception.GetType().FullName; fqeid = Hide-Secrets -Text ([string]$Record.FullyQualifiedErrorId)
    }
    if ($exception.Data.Contains('task_result')) { $failure.task_result = [string]$exception.Data['task_result'] }
    if ($Agent.File) { $failure.file = $Agent.File }
    if ($null -ne $Agent.Done -and $Agent.Done.Count -gt 0) { $failure.done = @($Agent.Done.ToArray()) }
    if ($Agent.Left) { $failure.left = $Agent.Left }
    $failure
}
