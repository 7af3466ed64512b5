$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
$WarningPreference='SilentlyContinue'
$token='@@TOKEN@@'
$mode="$($ExecutionContext.SessionState.LanguageMode)"
if ($mode -ne 'FullLanguage') { "$token {""b"":0,""fatal"":""language_mode"",""mode"":""$mode""}"; exit 3 }
try {
  $env:PSModulePath=[IO.Path]::Combine($PSHOME,'Modules')
  $reader=[IO.StreamReader]::new([Console]::OpenStandardInput(),[Text.Encoding]::ASCII,$false,65536)
  $text=[Text.StringBuilder]::new()
  while (($line=$reader.ReadLine()) -ne '.') { if ($null -eq $line) { exit 4 }; [void]$text.Append($line).Append("`n") }
  . ([ScriptBlock]::Create("$text")) -Token $token -Reader $reader -Output ([Console]::OpenStandardOutput()) -Text "$text"
} catch {
  $hresult='0x{0:X8}' -f $_.Exception.HResult
  $said=[regex]::Replace($_.Exception.Message,'[^ !#-\[\]-~]',[Text.RegularExpressions.MatchEvaluator]{param($c) '\u{0:x4}' -f [int][char]$c.Value})
  [Console]::Out.WriteLine("$token {""b"":0,""fatal"":""loader"",""e"":{""code"":""refused"",""hresult"":""$hresult"",""text"":""$said""}}"); [Environment]::Exit(5)
}
