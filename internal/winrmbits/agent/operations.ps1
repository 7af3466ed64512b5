# The operations list and get.

$JobsAtOnce = 25 # that become one text: to make one of each costs more than all else

function Invoke-List($Op) {
    $allUsers = -not (Get-Field -Op $Op -Name 'mine') -and (Test-AllUsers)
    $jobs = @(Get-VisibleJob -AllUsers $allUsers)
    $count = $jobs.Count
    $most = Get-Field -Op $Op -Name 'max'
    if ($most) { $count = [Math]::Min($count, $most) }
    $page = [Collections.ArrayList]::new()
    $listed = 0
    $size = 0
    for ($k = 0; $k -lt $count; $k += $JobsAtOnce) {
        $values = @($jobs[$k..([Math]::Min($k + $JobsAtOnce, $count) - 1)] | ConvertTo-JobValue -First $k)
        $texts = @(ConvertTo-Line -Value $values)
        if ($texts[0].Length -gt $FlushAt) { $texts = @(foreach ($value in $values) { ConvertTo-Line -Value @($value) }) }
        foreach ($text in $texts) {
            [void]$page.Add($text.Substring(1, $text.Length - 2))
            $size += $text.Length
            $listed += $values.Count / $texts.Count
            if ($listed -lt $MaxPage -and $size -lt $FlushAt) { continue }
            Send-Page -Jobs $page
            $listed = 0
            $size = 0
        }
    }
    if ($page.Count -gt 0) { Send-Page -Jobs $page }
    [ordered]@{ count = $count; all_users = [bool]$allUsers; now = ConvertTo-Time -Value (Get-Now) }
}

# Answers a list with some of its jobs.
function Send-Page($Jobs) {
    Add-Result -Result ('{"i":' + $Agent.Index + ',"page":[' + ($Jobs.ToArray() -join ',') + ']}')
    $Jobs.Clear()
}

function Invoke-Get($Op) { Get-JobAnswer -Job (Get-JobById -Id $Op.id) }

# The answer of an operation that returns a job, with the open directories of files that are new to it.
function Get-JobAnswer($Job, $New) {
    $Agent.Step = 'read'
    $answer = [ordered]@{ job = $Job | ConvertTo-JobValue }
    if ($null -ne $New -and $answer.job.transfer_type -cne 'upload') {
        $open = Get-OpenDirectories -Files $New
        if ($open.Count -gt 0) { $answer.open_to_users = $open }
    }
    $answer
}
