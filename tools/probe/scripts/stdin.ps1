# What a pipe on stdin does with long lines, pauses, bytes that are not ASCII, and its end.

function Test-StdinLines {
    Write-Evidence -Words "[Console]::IsInputRedirected is $([Console]::IsInputRedirected)"
    Send-Line -Object '{"ready":1}'
    $first = $Reader.ReadLine()
    Write-Evidence -Words "the first line has $("$first".Length) characters"
    Send-Line -Object '{"ready":2}'
    $waited = [Diagnostics.Stopwatch]::StartNew()
    $second = $Reader.ReadLine()
    Write-Evidence -Words "the second line, '$second', came after $([int]$waited.Elapsed.TotalSeconds) s, before the end of stdin"
    Write-Answer -Words "redirected: $([Console]::IsInputRedirected), first line: $("$first".Length) characters, second line: $("$second".Length)."
}

function Test-StdinBytes {
    Send-Line -Object '{"ready":1}'
    $bytes = [byte[]](, 0 * 65536)
    $count = 0
    while ($count -lt $bytes.Length) {
        $n = $Reader.BaseStream.Read($bytes, $count, $bytes.Length - $count)
        if ($n -le 0) { break }
        $count += $n
        if ($bytes[$count - 1] -eq 10) { Send-Line -Object '{"ready":2}' }
    }
    $text = [Text.Encoding]::ASCII.GetString($bytes, 0, $count)
    $tail = [BitConverter]::ToString($bytes, [Math]::Max(0, $count - 16), [Math]::Min(16, $count))
    Write-Evidence -Words "$count bytes, the longest line of $((@($text.Split([char]10) | Sort-Object -Property Length)[-1]).Length), the last bytes are $tail"
    Write-Answer -Words "$count bytes until the end of stdin, which came; last bytes $tail."
}
