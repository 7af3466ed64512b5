package report

// Summary heads a diagnostic. All of them are in this table, and the guide Troubleshooting has each.
type Summary struct{ text string }

func (s Summary) String() string { return s.text }

// Summaries of the provider's diagnostics.
var (
	AccessDenied                 = Summary{"Access Denied"}
	AmbiguousName                = Summary{"Several Jobs Have This Name"}
	AnswerNotProtected           = Summary{"Answer Not Protected"}
	BITSServiceDisabled          = Summary{"BITS Service Disabled"}
	BITSServiceMissing           = Summary{"BITS Service Missing"}
	BITSServiceStopped           = Summary{"BITS Service Stopped"}
	ConflictingAttributes        = Summary{"Conflicting Attributes"}
	ConflictingFlags             = Summary{"Conflicting Flags"}
	ConnectionFailed             = Summary{"Connection Failed"}
	ConnectionLost               = Summary{"Connection Lost"}
	DirectoryOpenToUsers         = Summary{"Destination Directory Open to Users"}
	DuplicateLocalName           = Summary{"Duplicate Local Name"}
	ElevationFailed              = Summary{"Elevation to SYSTEM Failed"}
	FilesAreGone                 = Summary{"Files of a BITS Job Are Gone"}
	FilesNotLookedAt             = Summary{"Files of a BITS Job Not Looked At"}
	FilesWereChanged             = Summary{"Files of a BITS Job Were Changed"}
	HostCertificateNotTrusted    = Summary{"Host Certificate Not Trusted"}
	HostDoesNotAnswer            = Summary{"Host Does Not Answer"}
	HostUnreachable              = Summary{"Host Unreachable"}
	Interrupted                  = Summary{"Interrupted"}
	InvalidArgument              = Summary{"Invalid Argument"}
	InvalidBypass                = Summary{"Invalid Bypass"}
	InvalidDescription           = Summary{"Invalid Description"}
	InvalidDisplayName           = Summary{"Invalid Display Name"}
	InvalidDrive                 = Summary{"Invalid Drive"}
	InvalidDuration              = Summary{"Invalid Duration"}
	InvalidHTTPMethod            = Summary{"Invalid HTTP Method"}
	InvalidHeader                = Summary{"Invalid Header"}
	InvalidHost                  = Summary{"Invalid Host"}
	InvalidImportID              = Summary{"Invalid Import ID"}
	InvalidImportIdentity        = Summary{"Invalid Import Identity"}
	InvalidJobID                 = Summary{"Invalid Job ID"}
	InvalidLocalName             = Summary{"Invalid Local Name"}
	InvalidOwner                 = Summary{"Invalid Owner"}
	InvalidPassword              = Summary{"Invalid Password"}
	InvalidProviderConfiguration = Summary{"Invalid Provider Configuration"}
	InvalidProxy                 = Summary{"Invalid Proxy"}
	InvalidRemoteName            = Summary{"Invalid Remote Name"}
	InvalidSHA256                = Summary{"Invalid SHA-256"}
	InvalidState                 = Summary{"Invalid BITS Job State"}
	InvalidThumbprint            = Summary{"Invalid Thumbprint"}
	InvalidUserName              = Summary{"Invalid User name"}
	JobCompletedWithARemark      = Summary{"BITS Job Completed With a Remark"}
	JobFailed                    = Summary{"BITS Job Failed"}
	JobHasAnotherOwner           = Summary{"BITS Job Has Another Owner"}
	JobHasOtherFiles             = Summary{"BITS Job Has Other Files"}
	JobHasTrouble                = Summary{"BITS Job Has Trouble"}
	JobIsGone                    = Summary{"BITS Job Is Gone"}
	JobIsMissing                 = Summary{"BITS Job Is Missing"}
	JobMovesToAnotherHost        = Summary{"Job Moves to Another Host"}
	JobNotCompleted              = Summary{"BITS Job Not Completed"}
	JobNotFound                  = Summary{"Job Not Found"}
	JobNotKnown                  = Summary{"BITS Job Not Known"}
	JobNotRead                   = Summary{"Job Not Read"}
	JobNotVisible                = Summary{"Job Not Visible"}
	JobOperationFailed           = Summary{"BITS Job Operation Failed"}
	JobOwnerNotLoggedOn          = Summary{"Job Owner Not Logged On"}
	JobRemovedWithARemark        = Summary{"BITS Job Removed With a Remark"}
	JobSuspended                 = Summary{"BITS Job Suspended"}
	JobWasCompleted              = Summary{"BITS Job Was Completed"}
	JobWasNotMade                = Summary{"BITS Job Was Not Made"}
	JobWithoutFiles              = Summary{"Job Without Files"}
	JobsNotVisible               = Summary{"Jobs Not Visible"}
	KerberosNeedsAName           = Summary{"Kerberos Needs a Name"}
	LogonNotAllowed              = Summary{"Logon Not Allowed"}
	LogonNotPossible             = Summary{"Logon Not Possible"}
	LogonRefused                 = Summary{"Logon Refused"}
	MissingAttribute             = Summary{"Missing Attribute"}
	MissingCredential            = Summary{"Missing Credential"}
	MissingHost                  = Summary{"Missing Host"}
	NoWinRMService               = Summary{"No WinRM Service"}
	NotSupported                 = Summary{"Not Supported by the Host"}
	OperationRefused             = Summary{"BITS Refused the Operation"}
	ParameterRefused             = Summary{"Parameter Refused"}
	PathNotFound                 = Summary{"Path Not Found"}
	PowerShellNotUsable          = Summary{"PowerShell Not Usable"}
	PropertyNotChangeableNow     = Summary{"Property Not Changeable Now"}
	RemoteUseRefused             = Summary{"Remote Use of BITS Refused"}
	SHA256Mismatch               = Summary{"SHA-256 Mismatch"}
	SessionLimitReached          = Summary{"Session Limit Reached"}
	TextTooLong                  = Summary{"Text Too Long"}
	Timeout                      = Summary{"Timeout"}
	TooLong                      = Summary{"Too Long"}
	TooManyFiles                 = Summary{"Too Many Files"}
	TooManyJobs                  = Summary{"Too Many Jobs"}
	UnexpectedProviderData       = Summary{"Unexpected Provider Data"}
	UnknownConnectionSettings    = Summary{"Unknown Connection Settings"}
	UnknownOutcome               = Summary{"Unknown Outcome"}
	UnreadablePrivateState       = Summary{"Unreadable Private State"}
	UnwritablePrivateState       = Summary{"Unwritable Private State"}
	ValueNotKnown                = Summary{"Value Not Known to BITS"}
	WinRMQuotaExceeded           = Summary{"WinRM Quota Exceeded"}
)
