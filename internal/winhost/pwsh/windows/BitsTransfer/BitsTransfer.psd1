@{
    RootModule = 'BitsTransfer.psm1'
    ModuleVersion = '2.0.0.0'
    GUID = '5a7c2a0e-2b56-4f0c-9d2b-6d2a6a2f3f10'
    PowerShellVersion = '5.1'
    FunctionsToExport = @(
        'Add-BitsFile', 'Complete-BitsTransfer', 'Get-BitsTransfer', 'Remove-BitsTransfer',
        'Resume-BitsTransfer', 'Set-BitsTransfer', 'Start-BitsTransfer', 'Suspend-BitsTransfer'
    )
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
