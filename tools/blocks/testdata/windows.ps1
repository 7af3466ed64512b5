# What the blocks of the workflows call and only Windows has. The parameters are those of the reference pages on
# learn.microsoft.com that the blocks need; any other is an error. What was called is written to $env:CALLS, a line each.
using namespace System.Security.Cryptography
using namespace System.Security.Cryptography.X509Certificates

Set-StrictMode -Version 2

function Add-Call([string]$Text) { [IO.File]::AppendAllText($env:CALLS, "$Text`n") }

# Ends a stand-in for a program.
function Exit-Program([int]$Code) { $global:LASTEXITCODE = $Code }

function ConvertTo-SecureString {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$String,
        [Parameter(Mandatory = $true)][switch]$AsPlainText,
        [Parameter(Mandatory = $true)][switch]$Force
    )
    [Net.NetworkCredential]::new('', $String).SecurePassword
}

# --- Accounts, registry, services ---

function New-LocalUser {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateLength(1, 20)][string]$Name,
        [Parameter(Mandatory = $true)][securestring]$Password
    )
    # "Password must meet complexity requirements": three of four kinds of characters.
    $text = [Net.NetworkCredential]::new('', $Password).Password
    if ($text -cnotmatch '[A-Z]' -or $text -cnotmatch '[a-z]' -or $text -notmatch '[0-9]') { throw 'The password is too simple.' }
    Add-Call -Text "account $Name"
    [pscustomobject]@{ Name = $Name; Enabled = $true }
}

function Add-LocalGroupMember {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidatePattern('\AS-1-5-32-544\z')][string]$SID,
        [Parameter(Mandatory = $true)][string[]]$Member
    )
    Add-Call -Text "group $SID $Member"
}

function Set-ItemProperty {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$Path, [Parameter(Mandatory = $true)][string]$Name, [Parameter(Mandatory = $true)][int]$Value,
        [Parameter(Mandatory = $true)][ValidateSet('String', 'ExpandString', 'Binary', 'DWord', 'MultiString', 'QWord')][string]$Type
    )
    Add-Call -Text "registry $Path $Name=$Value"
}

function Start-Service {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][ValidateSet('BITS')][string[]]$Name)
    Add-Call -Text "start $Name"
}

# --- Certificates: real ones, in a store of this process ---

$global:Certificates = @{}

function New-SelfSignedCertificate {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('Custom')][string]$Type, # the others add extensions that are not made here
        [Parameter(Mandatory = $true)][string]$Subject,
        [Parameter(Mandatory = $true)][ValidateSet('Cert:\LocalMachine\My')][string]$CertStoreLocation,
        [string[]]$DnsName,
        [ValidateSet('CRLSign', 'CertSign', 'KeyEncipherment', 'DigitalSignature')]
        [string[]]$KeyUsage = ('DigitalSignature', 'KeyEncipherment'),
        [ValidateSet('NonExportable', 'ExportableEncrypted', 'Exportable')][string]$KeyExportPolicy = 'ExportableEncrypted',
        [string[]]$TextExtension,
        [X509Certificate2]$Signer
    )
    $key = [RSA]::Create(2048)
    $request = [CertificateRequest]::new(
        $Subject, $key, [HashAlgorithmName]::SHA256, [RSASignaturePadding]::Pkcs1)
    $names = [SubjectAlternativeNameBuilder]::new()
    foreach ($name in $DnsName) { $names.AddDnsName($name) }
    foreach ($extension in $TextExtension) {
        $oid, $text = $extension -split '={text}', 2
        switch -CaseSensitive ("$oid $text") {
            '2.5.29.19 CA=true' { $request.CertificateExtensions.Add([X509BasicConstraintsExtension]::new($true, $false, 0, $true)) }
            { $_ -match '\A2\.5\.29\.37 [0-9.]+\z' } {
                $uses = [OidCollection]::new()
                [void]$uses.Add([Oid]::new($text))
                $request.CertificateExtensions.Add([X509EnhancedKeyUsageExtension]::new($uses, $false))
            }
            { $_ -match '\A2\.5\.29\.17 upn=.+@.+\z' } { $names.AddUserPrincipalName($text.Substring(4)) }
            default { throw "The parameter TextExtension has the value $extension." }
        }
    }
    $request.CertificateExtensions.Add([X509KeyUsageExtension]::new(($KeyUsage -join ', ').Replace('CertSign', 'KeyCertSign'), $true))
    if ($DnsName -or "$TextExtension" -match 'upn=') { $request.CertificateExtensions.Add($names.Build()) }
    $from = [DateTimeOffset]::UtcNow.AddMinutes(-1)
    if ($Signer) {
        $signed = $request.Create($Signer, $from, [DateTimeOffset]$Signer.NotAfter, [byte[]](1..8))
        $certificate = [RSACertificateExtensions]::CopyWithPrivateKey($signed, $key)
    } else { $certificate = $request.CreateSelfSigned($from.AddMinutes(-1), $from.AddHours(1)) }
    $global:Certificates[$certificate.Thumbprint] = @{ Certificate = $certificate; Exportable = $KeyExportPolicy; Trusted = $false }
    Add-Call -Text "certificate $Subject"
    $certificate
}

function Import-Certificate {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$FilePath,
        [Parameter(Mandatory = $true)][ValidateSet('Cert:\LocalMachine\Root')][string]$CertStoreLocation
    )
    $read = [X509Certificate2]::new([IO.File]::ReadAllBytes($FilePath))
    $global:Certificates[$read.Thumbprint].Trusted = $true
    Add-Call -Text "trust $($read.Subject)"
    $read
}

function Export-PfxCertificate {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][X509Certificate2]$Cert,
        [Parameter(Mandatory = $true)][string]$FilePath,
        [Parameter(Mandatory = $true)][securestring]$Password,
        [Parameter(Mandatory = $true)][ValidateSet('TripleDES_SHA1', 'AES256_SHA256')][string]$CryptoAlgorithmOption
    )
    if ($CryptoAlgorithmOption -ne 'AES256_SHA256') { throw 'OpenSSL 3 does not read the RC2-40 that Windows uses beside TripleDES_SHA1.' }
    if ($global:Certificates[$Cert.Thumbprint].Exportable -ne 'Exportable') { throw 'Cannot export non-exportable private key.' }
    [IO.File]::WriteAllBytes($FilePath, $Cert.Export('Pfx', $Password))
    [IO.FileInfo]::new($FilePath)
}

# openssl, as far as the blocks need it.
function Invoke-OpenSsl {
    [Alias('C:\Program Files\Git\usr\bin\openssl.exe')]
    param()
    $global:LASTEXITCODE = 0
    if ($env:OPENSSL_FAILS) { Exit-Program -Code 1; return }
    $line = "$args"
    if ($line -notmatch '\Apkcs12 -in (\S+) -passin env:BITS_PASSWORD (-nokeys -clcerts|-nocerts -nodes)\z') {
        [Console]::Error.WriteLine("openssl $line")
        Exit-Program -Code 1
        return
    }
    $file, $part = $Matches[1], $Matches[2]
    $read = [X509Certificate2]::new([IO.File]::ReadAllBytes($file), $env:BITS_PASSWORD, 'Exportable')
    'Bag Attributes'
    if ($part -eq '-nokeys -clcerts') { $read.ExportCertificatePem() -split "`n" }
    else { [RSACertificateExtensions]::GetRSAPrivateKey($read).ExportPkcs8PrivateKeyPem() -split "`n" }
}

# --- WinRM, by its drive ---

function Enable-PSRemoting {
    [CmdletBinding()]
    param([switch]$SkipNetworkProfileCheck, [Parameter(Mandatory = $true)][switch]$Force)
    Add-Call -Text "remoting SkipNetworkProfileCheck=$SkipNetworkProfileCheck"
    'WinRM is already set up to receive requests on this computer.'
}

function Get-ChildItem {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][ValidateSet('WSMan:\localhost\Listener')][string]$Path)
    [pscustomobject]@{ Name = 'Listener_1'; Keys = @('Transport=HTTP', 'Address=*') }
    [pscustomobject]@{ Name = 'Listener_2'; Keys = @('Transport=HTTPS', 'Address=*') }
}

function Remove-Item {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)]$InputObject,
        [Parameter(Mandatory = $true)][switch]$Recurse,
        [Parameter(Mandatory = $true)][switch]$Force
    )
    process { Add-Call -Text "remove $($InputObject.Name)" }
}

function New-Item {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Listener')][Parameter(Mandatory = $true, ParameterSetName = 'ClientCertificate')]
        [ValidateSet('WSMan:\localhost\Listener', 'WSMan:\localhost\ClientCertificate')][string]$Path,
        [Parameter(Mandatory = $true, ParameterSetName = 'Listener')][ValidateSet('HTTP', 'HTTPS')][string]$Transport,
        [Parameter(Mandatory = $true, ParameterSetName = 'Listener')][string]$Address,
        [Parameter(Mandatory = $true, ParameterSetName = 'Listener')][string]$CertificateThumbPrint,
        [Parameter(Mandatory = $true, ParameterSetName = 'ClientCertificate')][string]$Subject,
        [Parameter(Mandatory = $true, ParameterSetName = 'ClientCertificate')][string]$URI,
        [Parameter(Mandatory = $true, ParameterSetName = 'ClientCertificate')][string]$Issuer,
        [Parameter(Mandatory = $true, ParameterSetName = 'ClientCertificate')][Management.Automation.PSCredential]$Credential,
        [switch]$Force
    )
    if (-not $Path.EndsWith($PSCmdlet.ParameterSetName)) { throw "$Path has no such parameters." }
    if (-not $Force) { throw 'New-Item asks for a confirmation, which nobody gives.' }
    if ($PSCmdlet.ParameterSetName -eq 'Listener') {
        $served = $global:Certificates[$CertificateThumbPrint].Certificate
        [IO.File]::WriteAllText((Join-Path -Path $env:RUNNER_TEMP -ChildPath 'served.pem'), $served.ExportCertificatePem())
        Add-Call -Text "listener $Transport $Address $($served.Subject)"
    } else {
        $known = $global:Certificates[$Issuer]
        if (-not $known.Trusted) { throw 'The issuer is not trusted.' }
        Add-Call -Text "map $Subject of $($known.Certificate.Subject) to $($Credential.UserName) for $URI"
    }
    'a container'
}

function Set-Item {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$Path,
        [Parameter(Mandatory = $true)][object]$Value,
        [Parameter(Mandatory = $true)][switch]$Force
    )
    # "Installation and configuration for Windows Remote Management", learn.microsoft.com
    $allowed = @{ Basic = 'True', 'False'; Certificate = 'True', 'False'; CbtHardeningLevel = 'None', 'Relaxed', 'Strict' }
    $name = $Path -replace '\AWSMan:\\localhost\\Service\\Auth\\', ''
    if ($allowed[$name] -notcontains "$Value") { throw "$Path can't be $Value." }
    Add-Call -Text "set $name=$Value"
}

# --- Programs ---

function go {
    Add-Call -Text "go $args, user '$env:BITS_USERNAME', password '$([bool]$env:BITS_PASSWORD)'"
    foreach ($name in 'BITS_CLIENT_CERT', 'BITS_CLIENT_KEY') {
        $value = [Environment]::GetEnvironmentVariable($name)
        if ($value) { [IO.File]::WriteAllText((Join-Path -Path $env:RUNNER_TEMP -ChildPath $name), $value) }
    }
    Exit-Program -Code ([int]$env:GO_EXIT)
}

function terraform { Exit-Program -Code 0; 'Terraform v1.15.9' }

# A program whose lines must be like the pattern.
function Invoke-Program([string]$Name, [string]$Line, [string]$Pattern) {
    Exit-Program -Code ([int]($Line -notmatch "\A(?:$Pattern)\z"))
    if ($LASTEXITCODE) { Write-Error -Message "usage: $Name, not $Line" } else { "$Name $Line" }
}

function winrm.cmd {
    Invoke-Program -Name 'winrm' -Line "$args" -Pattern '(?:enumerate winrm/config/(?:listener|service/certmapping)|get winrm/config)'
}
function sc.exe { Invoke-Program -Name 'sc' -Line "$args" -Pattern '(?:query|qc) (?:WinRM|BITS|Schedule)' }
function bitsadmin.exe { Invoke-Program -Name 'bitsadmin' -Line "$args" -Pattern '/list /allusers /verbose' }
function wevtutil.exe {
    if ($env:LOG_FAILS -and "$args" -match 'Bits-Client') { Exit-Program -Code 5; return }
    $log = '(?:Microsoft-Windows-(?:WinRM|Bits-Client|TaskScheduler)/Operational|Security)'
    $reading = "query-events $log /c:\d+ /rd:true /f:text(?: /q:\*\[System\[\(EventID=\d+(?: or EventID=\d+)*\)\]\])?"
    Invoke-Program -Name 'wevtutil' -Line "$args" -Pattern "(?:set-log $log /e:true|$reading)"
    if (-not $LASTEXITCODE -and $args[0] -eq 'set-log') { Add-Call -Text "enable $($args[1])" }
}
