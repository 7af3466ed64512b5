# Lines: what goes to the client.

function ConvertTo-Ascii([string]$Text) {
    if ($Text -cnotmatch '[^\x20-\x7e]') { return $Text }
    $ascii = New-Object -TypeName Text.StringBuilder -ArgumentList ($Text.Length + 64)
    foreach ($c in $Text.ToCharArray()) {
        $n = [int]$c
        if ($n -ge 0x20 -and $n -le 0x7e) { [void]$ascii.Append($c) }
        else { [void]$ascii.Append('\u').Append($n.ToString('x4')) }
    }
    $ascii.ToString()
}

function ConvertTo-Line($Value) {
    ConvertTo-Ascii -Text (ConvertTo-Json -InputObject $Value -Depth 8 -Compress)
}

function Send-Line([string]$Object) {
    $bytes = [Text.Encoding]::ASCII.GetBytes("$Token $Object`n")
    $Agent.Output.Write($bytes, 0, $bytes.Length)
    $Agent.Output.Flush()
}

function Send-Results($Results, [bool]$End) {
    $line = '{"b":' + $Agent.Batch + ',"r":[' + ($Results.ToArray() -join ',') + ']'
    if ($End) { $line += ',"end":true' }
    Send-Line -Object ($line + '}')
    $Results.Clear()
}
