# A stand-in for the COM objects of the task scheduler, as far as one-off tasks need them. Names and arguments are those
# of "Task Scheduler Scripting Objects", learn.microsoft.com; what they do is the simulated host's.

class StandInTrigger { [string]$StartBoundary; [string]$EndBoundary }
class StandInTriggers {
    [Collections.ArrayList]$All = @()
    [StandInTrigger] Create([int]$Type) {
        if ($Type -ne 1) { throw 'The simulated task scheduler has triggers at a time only.' }
        $trigger = [StandInTrigger]::new()
        [void]$this.All.Add($trigger)
        return $trigger
    }
}
class StandInAction { [string]$Path; [string]$Arguments }
class StandInActions {
    [Collections.ArrayList]$All = @()
    [StandInAction] Create([int]$Type) {
        if ($Type -ne 0) { throw 'The simulated task scheduler starts programs only.' }
        $action = [StandInAction]::new()
        [void]$this.All.Add($action)
        return $action
    }
}
class StandInRegistrationInfo { [string]$Description }
class StandInPrincipal { [string]$UserId; [int]$LogonType; [int]$RunLevel }
class StandInSettings {
    [bool]$DisallowStartIfOnBatteries = $true
    [bool]$StopIfGoingOnBatteries = $true
    [int]$Priority = 7
    [string]$ExecutionTimeLimit = 'PT72H'
    [string]$DeleteExpiredTaskAfter
}
class StandInDefinition {
    [StandInRegistrationInfo]$RegistrationInfo = [StandInRegistrationInfo]::new()
    [StandInPrincipal]$Principal = [StandInPrincipal]::new()
    [StandInSettings]$Settings = [StandInSettings]::new()
    [StandInTriggers]$Triggers = [StandInTriggers]::new()
    [StandInActions]$Actions = [StandInActions]::new()
}

class StandInTask {
    [string]$Name
    StandInTask([string]$Name) {
        $this.Name = $Name
        # Read anew each time, as the properties of IRegisteredTask are.
        foreach ($pair in @(@('State', { (Read-StandInTask -Name $this.Name).state }), @('LastTaskResult', { (Read-StandInTask -Name $this.Name).result }))) {
            $this.PSObject.Members.Add([Management.Automation.PSScriptProperty]::new($pair[0], $pair[1]))
        }
    }
    [object] Run([object]$Parameters) {
        [void](Invoke-Host -Call @{ call = 'task-run'; text = $this.Name })
        return $null
    }
}

class StandInTasks { # numbered from 1, as collections of COM are
    [object[]]$All = @()
    [int]$Count
    [StandInTask] Item([int]$Number) {
        $task = $this.All[$Number - 1]
        if ($task.broken -ne 0) { throw (New-ComException -HResult $task.broken -Text 'The task is damaged.') }
        return [StandInTask]::new($task.name.Substring(1))
    }
}

class StandInFolder {
    [object] RegisterTaskDefinition([string]$Path, [object]$Definition, [int]$Flags, [object]$User, [object]$Password, [int]$LogonType, [string]$Sddl) {
        if ($Flags -ne 2) { throw 'The simulated task scheduler makes new tasks only.' }
        $trigger = $Definition.Triggers.All[0]
        $action = $Definition.Actions.All[0]
        $settings = $Definition.Settings
        [void](Invoke-Host -Call @{ call = 'task-register'; task = @{
            name = $Path; description = $Definition.RegistrationInfo.Description; path = $action.Path; arguments = $action.Arguments
            user_id = $Definition.Principal.UserId; logon_type = $LogonType; run_level = $Definition.Principal.RunLevel
            start_boundary = $trigger.StartBoundary; end_boundary = $trigger.EndBoundary
            delete_expired_task_after = $settings.DeleteExpiredTaskAfter; execution_time_limit = $settings.ExecutionTimeLimit
            priority = $settings.Priority; disallow_start_if_on_batteries = $settings.DisallowStartIfOnBatteries
            stop_if_going_on_batteries = $settings.StopIfGoingOnBatteries; sddl = $Sddl
        } })
        return [StandInTask]::new($Path)
    }
    [object] GetTasks([int]$Flags) {
        $tasks = (Invoke-Host -Call @{ call = 'task-list' }).PSObject.Properties['tasks']
        $found = [StandInTasks]::new()
        if ($tasks) { $found.All = @($tasks.Value) }
        $found.Count = $found.All.Count
        return $found
    }
    [void] DeleteTask([string]$Name, [int]$Flags) { [void](Invoke-Host -Call @{ call = 'task-delete'; text = $Name }) }
}

class StandInTaskService {
    [object] GetFolder([string]$Path) { return [StandInFolder]::new() }
    [object] NewTask([int]$Flags) { return [StandInDefinition]::new() }
}

function Read-StandInTask([string]$Name) { (Invoke-Host -Call @{ call = 'task-list'; text = $Name }).tasks[0] }

function Remove-StandInTask {
    [Alias('Remove-OwnTask')]
    param([string]$Name)
    ([StandInFolder]::new()).DeleteTask($Name, 0)
}

function Connect-StandInTaskService {
    [Alias('Connect-TaskService')]
    param()
    [StandInTaskService]::new()
}
