# The agent: answers batches of operations on BITS, one line of ASCII JSON each, until they end.
# $Text is the agent's own text, for one that it starts as SYSTEM.
param([string]$Token, [IO.StreamReader]$Reader, [IO.Stream]$Output, [string]$Text)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
Remove-TypeData -TypeName System.Array -ErrorAction Ignore # its Count would turn arrays into objects in JSON

$MaxLine = 1MB
$MaxPage = 200
$FlushAt = 256KB
$KeepAtMost = 1MB
$ReadOnlyWhenActive = '0x80200075' # BG_E_READ_ONLY_WHEN_JOB_ACTIVE
$IdleLimit = 90000
$LifeLimit = 86400000
$PendingPrefix = 'terraform-provider-bits pending '

# What changes while the agent runs.
$Agent = @{
    Output = $Output; Peer = $null
    Batch = 0; Results = [Collections.ArrayList]::new(); ResultSize = 0; Stored = @{}; StoredSize = 0
    Index = 0; Step = ''; File = ''; Done = $null; Left = ''
    Module = $null; AllUsers = $null; Sids = @{}; Parameters = @{}; Words = [Collections.Hashtable]::new()
    Ops = @(); Logs = @{} # of the batch, and what was read of event logs for it
    Listed = $null # the jobs of a batch's last list in which one was not found, by id
    Secrets = @{}; Suspended = $false # the secrets of a batch by index, until it is answered
}
# What the watchdog reads: it ends the process when an operation, or writing its answer, takes too long, by a clock that can't be set.
$Watch = [hashtable]::Synchronized(@{ Clock = [Diagnostics.Stopwatch]::StartNew(); Due = [long]::MaxValue })
