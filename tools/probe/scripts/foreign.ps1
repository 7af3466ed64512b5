# A job of SYSTEM, as an elevated administrator sees it.

# As SYSTEM: makes a job and leaves it to the question, which has it removed.
function Test-MakeForeign {
    Import-BitsModule
    [void](New-ProbeJob -Suffix 'system')
    $Probe.Keep = $true
    Write-Answer -Words 'made'
}

# As SYSTEM: Clear-Probe removes it.
function Test-RemoveForeign { Import-BitsModule }

function Get-ForeignJob {
    Import-BitsModule
    [void](Invoke-SystemStep -Question 'MakeForeign')
    Add-Restore -What 'the job of SYSTEM' -Undo { Invoke-SystemStep -Question 'RemoveForeign' }
    $found = @(Get-ProbeJob -AllUsers $true)
    if ($found.Count -eq 0) { throw (New-Failure -Code 'refused' -Text 'Get-BitsTransfer -AllUsers does not list the job of SYSTEM.') }
    Write-Evidence -Words "Get-BitsTransfer -AllUsers lists it: owner $($found[0].OwnerAccount), $(@($found[0].FileList).Count) files, $($found[0].JobState)"
    $found[0]
}

function Test-Foreign {
    $job = Get-ForeignJob
    $read = Measure-Call -What 'Get-BitsTransfer -JobId' -Call { Get-BitsTransfer -JobId $job.JobId -ErrorAction Stop }
    $set = Measure-Call -What 'Set-BitsTransfer -Priority' -Call { [void](Set-BitsTransfer -BitsJob $job -Priority Low -ErrorAction Stop) }
    Write-Answer -Words "-AllUsers lists the job, -JobId $read, Set -Priority $set."
}

function Test-ForeignCalls {
    $job = Get-ForeignJob
    $path = Get-ProbePath -Suffix 'foreign'
    $codes = @(
        'Add-BitsFile ' + (Measure-Call -What 'Add-BitsFile' -Call { Add-BitsFile -BitsJob $job -Source 'http://127.0.0.1:9/second' -Destination $path -ErrorAction Stop })
        'Set -DisplayName ' + (Measure-Call -What 'Set-BitsTransfer -DisplayName' -Call { [void](Set-BitsTransfer -BitsJob $job -DisplayName $job.DisplayName -ErrorAction Stop) })
        'Resume ' + (Measure-Call -What 'Resume-BitsTransfer' -Call { [void](Resume-BitsTransfer -BitsJob $job -Asynchronous -ErrorAction Stop) })
        'Suspend ' + (Measure-Call -What 'Suspend-BitsTransfer' -Call { [void](Suspend-BitsTransfer -BitsJob $job -ErrorAction Stop) })
        'Complete ' + (Measure-Call -What 'Complete-BitsTransfer' -Call { Complete-BitsTransfer -BitsJob $job -ErrorAction Stop })
        'Remove ' + (Measure-Call -What 'Remove-BitsTransfer' -Call { Remove-BitsTransfer -BitsJob $job -ErrorAction Stop })
    )
    Write-Answer -Words "-AllUsers lists it; $($codes -join ', ')."
}
