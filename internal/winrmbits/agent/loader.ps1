$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
$WarningPreference='SilentlyContinue'
$token='@@TOKEN@@'
$mode="$($ExecutionContext.SessionState.LanguageMode)"
if ($mode -ne 'FullLanguage') { "$token {""b"":0,""fatal"":""language_mode"",""mode"":""$mode""}"; exit 3 }
try {
  $reader=New-Object -TypeName IO.StreamReader -ArgumentList ([Console]::OpenStandardInput()),([Text.Encoding]::ASCII),$false,65536
  $text=New-Object -TypeName Text.StringBuilder
  while (($line=$reader.ReadLine()) -ne '.') { if ($null -eq $line) { exit 4 }; [void]$text.Append($line).Append("`n") }
  $agent=[ScriptBlock]::Create("$text")
} catch {
  $hresult='0x{0:X8}' -f $_.Exception.HResult
  [Console]::Out.WriteLine("$token {""b"":0,""fatal"":""loader"",""e"":{""code"":""refused"",""hresult"":""$hresult""}}"); exit 5
}
. $agent -Token $token -Reader $reader -Output ([Console]::OpenStandardOutput()) -Text "$text"
