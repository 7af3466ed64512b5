# What only Windows has, for changes. Tests on other systems replace each of these functions.

# The server's end of a pipe that belongs to whoever runs this and that only SYSTEM can open. An instance of its name
# that is there already, whoever made it, is an error: .NET asks for the first instance where one is the maximum.
function New-SystemPipe([string]$Name) {
    $security = New-Object -TypeName IO.Pipes.PipeSecurity
    $security.SetAccessRuleProtection($true, $false)
    $security.SetOwner([Security.Principal.WindowsIdentity]::GetCurrent().User)
    $system = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-18'
    $security.AddAccessRule((New-Object -TypeName IO.Pipes.PipeAccessRule -ArgumentList $system, 'FullControl', 'Allow'))
    New-Object -TypeName IO.Pipes.NamedPipeServerStream -ArgumentList $Name, 'InOut', 1, 'Byte', 'Asynchronous', 65536, 65536, $security
}

# The SID of the account that made the pipe which a client is connected to. Its text goes into a task: see system.ps1.
function Get-PipeOwner {
    param($Pipe)
    $Pipe.GetAccessControl().GetOwner([Security.Principal.SecurityIdentifier]).Value
}

# The task scheduler. The module ScheduledTasks goes through WMI, which is slower and broken on more hosts.
function Connect-TaskService {
    $service = New-Object -ComObject Schedule.Service
    [void]$service.Connect()
    $service
}

# The entries of a directory's access control list, inherited ones too.
function Get-AccessRules([string]$Directory) {
    foreach ($rule in [IO.Directory]::GetAccessControl($Directory).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        @{
            Sid = $rule.IdentityReference.Value; Allows = "$($rule.AccessControlType)" -eq 'Allow'; Rights = [int]$rule.FileSystemRights
            Files = [bool]([int]$rule.InheritanceFlags -band 2); InheritOnly = [bool]([int]$rule.PropagationFlags -band 2)
        }
    }
}
