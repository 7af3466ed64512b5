# Endings: completing and removing jobs.

# Completes a transferred job; any other is left alone, because completing it ends it with what it has, unless that is
# what is asked for.
function Invoke-Complete($Op) {
    $job = Get-JobById -Id $Op.id
    $answer = [ordered]@{
        job = ConvertTo-JobValue -Job $job; done = $false; partial = $false; remaining = $false
        at = ConvertTo-Time -Value (Get-Now); hresult = $null
    }
    if ($answer.job.state -cne 'transferred' -and -not (Get-Field -Op $Op -Name 'partial')) { return $answer }
    $Agent.Step = 'complete'
    try { Complete-BitsTransfer -BitsJob $job -ErrorAction Stop }
    catch {
        $failed = $_
        if (-not (Test-Success -Record $failed)) { Find-Unnamed -Id $Op.id; throw $failed }
        $answer.hresult = Get-HResult -Exception $failed.Exception
    }
    $answer.done = $true
    $answer.partial = $answer.job.files_transferred -lt $answer.job.files.Count
    $answer.at = ConvertTo-Time -Value (Get-Now)
    try { [void](Get-JobById -Id $Op.id); $answer.remaining = $true }
    catch { $answer.remaining = $false }
    $answer
}

# The first file that has no name yet: a locked one stops the others, and the job stays transferred.
function Find-Unnamed([string]$Id) {
    $step = $Agent.Step
    try {
        $job = Get-JobById -Id $Id
        if ((ConvertTo-Word -Name "$($job.JobState)") -ceq 'transferred') {
            foreach ($f in @($job.FileList)) { if (-not $f.IsTransferComplete) { $Agent.File = [string]$f.LocalName; break } }
        }
    } catch { $Agent.File = '' } # the failure itself says more
    $Agent.Step = $step
}

# Cancels a job, and gives what BITS says where it did so with a reservation: files that could not be deleted.
function Remove-Job($Job) {
    $Agent.Step = 'remove'
    try { Remove-BitsTransfer -BitsJob $Job -Confirm:$false -ErrorAction Stop }
    catch {
        if (-not (Test-Success -Record $_)) { throw }
        return Get-HResult -Exception $_.Exception
    }
    $null
}

# Removes a job. An upload whose server does not answer may stay in the list for a day, which is no failure.
function Invoke-Remove($Op) {
    try { $job = Get-JobById -Id $Op.id }
    catch {
        if ($_.Exception.Data.Contains('code')) { return [ordered]@{ absent = $true; lingers = $false; hresult = $null } }
        throw
    }
    $answer = [ordered]@{ absent = $false; lingers = $false; hresult = $null }
    $upload = "$($job.TransferType)" -ne 'Download'
    $answer.hresult = Remove-Job -Job $job
    if ($upload) {
        try { [void](Get-JobById -Id $Op.id); $answer.lingers = $true }
        catch { $answer.lingers = $false }
    }
    $answer
}
