# The cmdlets of the module ScheduledTasks that administrator.ps1 calls, on the task scheduler of a simulated host. Parameters and
# values are those of the cmdlets' reference pages (learn.microsoft.com); any other is an error.

function New-ScheduledTaskAction {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$Execute, [string]$Argument)
    [pscustomobject]@{ Execute = $Execute; Arguments = $Argument }
}

function New-ScheduledTaskPrincipal {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$UserId,
        [ValidateSet('None', 'Password', 'S4U', 'Interactive', 'Group', 'ServiceAccount', 'InteractiveOrPassword')]
        [string]$LogonType = 'None',
        [ValidateSet('Limited', 'Highest')][string]$RunLevel = 'Limited'
    )
    # Source: TASK_LOGON_TYPE, learn.microsoft.com.
    $types = @{ None = 0; Password = 1; S4U = 2; Interactive = 3; Group = 4; ServiceAccount = 5; InteractiveOrPassword = 6 }
    [pscustomobject]@{ UserId = $UserId; LogonType = $types[$LogonType]; RunLevel = [int]($RunLevel -eq 'Highest') }
}

function Register-ScheduledTask {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$TaskName, [Parameter(Mandatory = $true)]$Action, [Parameter(Mandatory = $true)]$Principal)
    [void](Invoke-Host -Call @{ call = 'task-register'; task = @{
        name = $TaskName; path = $Action.Execute; arguments = $Action.Arguments
        user_id = $Principal.UserId; logon_type = $Principal.LogonType; run_level = $Principal.RunLevel
    } })
    [pscustomobject]@{ TaskName = $TaskName }
}

function Start-ScheduledTask {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$TaskName)
    [void](Invoke-Host -Call @{ call = 'task-run'; text = $TaskName })
}

function Unregister-ScheduledTask {
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    param([Parameter(Mandatory = $true)][string]$TaskName)
    if ($PSCmdlet.ShouldProcess($TaskName, 'Unregister')) { [void](Invoke-Host -Call @{ call = 'task-delete'; text = $TaskName }) }
}
