// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"encoding/json"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// The operations.
const (
	OpHello    = "hello"
	OpHost     = "host"
	OpList     = "list"
	OpGet      = "get"
	OpCreate   = "create"
	OpCommit   = "commit"
	OpAdopt    = "adopt"
	OpChange   = "change"
	OpComplete = "complete"
	OpRemove   = "remove"
	OpHistory  = "history"
	OpStat     = "stat"
	OpSweep    = "sweep"
	OpElevate  = "elevate"
)

// Mutating reports whether an operation changes something on the host: its result is a line of its own, flushed
// when the operation ends, and is sent again, not made again, when its batch is repeated.
func Mutating(op string) bool {
	switch op {
	case OpCreate, OpCommit, OpAdopt, OpChange, OpComplete, OpRemove, OpSweep:
		return true
	}
	return false
}

// The limits of the protocol.
const (
	MaxLine     = 1 << 20   // bytes of a line, its token and LF included
	MaxPage     = 200       // jobs of one page
	MaxFiles    = 200       // files of one stat
	FlushAt     = 256 << 10 // bytes of read results gathered before they are sent
	TokenLength = 32        // hexadecimal digits
)

// The exit codes of an agent process.
const (
	ExitEnd          = 0  // stdin ended between lines
	ExitLanguageMode = 3  // PowerShell runs in a constrained language mode
	ExitUpload       = 4  // stdin ended within the upload
	ExitLoader       = 5  // the loader failed
	ExitIdle         = 7  // no line for 90 s
	ExitRead         = 8  // stdin could not be read
	ExitPeer         = 9  // the other side of the relay is gone
	ExitDeadline     = 10 // an operation outlived its deadline
	ExitPipe         = 11 // the agent as SYSTEM found no pipe to connect to
	ExitOwner        = 12 // the pipe that it found belongs to another account
	ExitNonce        = 13 // whoever made the pipe did not show its nonce
	ExitAge          = 14 // the process is as old as one may get: 24 h
)

// Request is a batch of operations.
type Request struct {
	B       int  `json:"b"`                 // 1, 2, 3 and so on for each agent process
	Secrets int  `json:"secrets,omitempty"` // how many lines of secrets came before it
	Ops     []Op `json:"ops"`               // may be empty
}

// Op is one operation. Which fields matter depends on Name:
//
//	hello                                    who and what is there -> Hello
//	host    drive? account?                  what the host is like beside that -> HostState
//	list    mine? max?                       the jobs that the caller may see -> pages, then Listed
//	get     id                               -> JobValue, or not_found
//	create  token job                        suspended, named after the token -> JobValue
//	commit  id display_name suspended        real name, then resume unless suspended; repeatable -> JobValue
//	adopt   token                            the pending job of that token -> JobValue, or not_found
//	change  id set add_files suspended       in that order; stops at the first refusal -> JobValue
//	change  id retry                         resumes a job in transient_error alone -> JobValue
//	complete id                              only a transferred job -> Completed
//	remove  id                               absent is done -> Removed
//	history id since?                        how a job ended, as the event logs tell -> History
//	stat    files                            what is at paths; hashes take a while -> Stat
//	sweep                                    the caller's pending jobs of more than an hour go -> Swept
//	elevate token text                       an agent as SYSTEM, which has the token -> Elevated; see below
//
// After the end of elevate's answer this process only carries bytes: lines go to the agent as SYSTEM, which starts
// with batch 1. An elevate that failed leaves everything as it was.
type Op struct {
	Name string `json:"op"`
	MS   int    `json:"ms"` // deadline in milliseconds

	ID          string      `json:"id,omitempty"`
	Token       string      `json:"token,omitempty"` // 32 hexadecimal digits of a pending job, or of the agent as SYSTEM
	Mine        bool        `json:"mine,omitempty"`  // list only the caller's own jobs
	Max         int         `json:"max,omitempty"`   // list no more than so many jobs; 0: all
	Job         *Spec       `json:"job,omitempty"`
	DisplayName string      `json:"display_name,omitempty"`
	Suspended   *bool       `json:"suspended,omitempty"`
	Set         *Set        `json:"set,omitempty"`
	AddFiles    []FileSpec  `json:"add_files,omitempty"`
	Retry       bool        `json:"retry,omitempty"`
	Files       []FileQuery `json:"files,omitempty"`
	Since       string      `json:"since,omitempty"`   // RFC 3339 in UTC, at most 7 digits of a second
	Drive       string      `json:"drive,omitempty"`   // C:
	Account     string      `json:"account,omitempty"` // DOMAIN\name, of host
	Text        string      `json:"text,omitempty"`    // [Changes], which an agent that elevates lacks
}

// Spec is a job to be made. Enums are spelled as in internal/bits.
type Spec struct {
	Description  string     `json:"description"`
	TransferType string     `json:"transfer_type"`
	Priority     string     `json:"priority"`
	Files        []FileSpec `json:"files"`
	Directories  bool       `json:"create_directories,omitempty"` // make those of the files that are missing
	bits.Properties
	Secrets
}

// Set is the properties to change; absent ones are left alone. They are set in the order of properties.ps1.
type Set struct {
	Priority    *string `json:"priority,omitempty"`
	Description *string `json:"description,omitempty"`
	DisplayName *string `json:"display_name,omitempty"`
	bits.Properties
	Secrets
}

// FileSpec is a file to transfer.
type FileSpec struct {
	RemoteName string `json:"remote_name"`
	LocalName  string `json:"local_name"`
}

// File is one file of a job.
type File struct {
	RemoteName       string  `json:"remote_name"`
	LocalName        string  `json:"local_name"`
	BytesTotal       *string `json:"bytes_total"` // null: unknown
	BytesTransferred string  `json:"bytes_transferred"`
}

// Answer is one line of an answer; a batch gets one or more, and only the last carries End.
type Answer struct {
	B     int      `json:"b"`
	R     []Result `json:"r,omitempty"`
	End   bool     `json:"end,omitempty"`
	Fatal string   `json:"fatal,omitempty"` // with B 0 only: bad_line, language_mode, loader, peer_exit, ...
	Mode  string   `json:"mode,omitempty"`  // with language_mode: the mode
	Error *Error   `json:"e,omitempty"`     // with a fatal: what is known of it
}

// The fatals.
const (
	FatalBadLine      = "bad_line" // nothing of the line was executed
	FatalLanguageMode = "language_mode"
	FatalLoader       = "loader"
	FatalPeerExit     = "peer_exit"
)

// Result is the outcome of one operation: a page, a value or an error.
type Result struct {
	I     int             `json:"i"`
	Page  []Job           `json:"page,omitempty"`
	Value json.RawMessage `json:"v,omitempty"`
	Error *Error          `json:"e,omitempty"`
}

// Error is why an operation failed; the codes are those of internal/bits.
type Error struct {
	Code    string   `json:"code"`
	Step    string   `json:"step,omitempty"`
	HResult *string  `json:"hresult"` // 0x80200002
	Text    string   `json:"text,omitempty"`
	Type    string   `json:"type,omitempty"`  // of the .NET exception
	FQEID   string   `json:"fqeid,omitempty"` // fully qualified error id of PowerShell
	File    string   `json:"file,omitempty"`
	Done    []string `json:"done,omitempty"`        // steps of a change that were done
	Left    string   `json:"left,omitempty"`        // id of a job that create made and could not remove
	Task    *string  `json:"task_result,omitempty"` // of elevate: the last result of its task, 0x00041303
}

// Job is what BITS says of a job. Sizes are decimal strings, null when unknown; times are RFC 3339 in UTC.
type Job struct {
	ID               string    `json:"id"`
	DisplayName      string    `json:"display_name"`
	Description      string    `json:"description"`
	TransferType     string    `json:"transfer_type"`
	Priority         string    `json:"priority"`
	State            string    `json:"state"`
	OwnerSID         *string   `json:"owner_sid"`
	OwnerName        *string   `json:"owner_name"`
	BytesTotal       *string   `json:"bytes_total"`
	BytesTransferred string    `json:"bytes_transferred"`
	FilesTransferred int       `json:"files_transferred"`
	CreatedAt        *string   `json:"created_at"`
	ModifiedAt       *string   `json:"modified_at"`
	TransferredAt    *string   `json:"transferred_at"`
	Error            *JobError `json:"error"` // in the states error and transient_error only
	Files            []File    `json:"files"`
	bits.Properties            // those that this host's module shows
	bits.ReadOnly
	Headers []Cleartext `json:"custom_headers,omitzero"`

	Unread *Error `json:"unread,omitempty"` // of a list: why the job can't be read; beside it there are ID and DisplayName at most
}

// JobError is the error a job stands at.
type JobError struct {
	HResult *string `json:"hresult"`
	Context string  `json:"context"` // as internal/bits spells it; "" when the module does not show it
	Text    string  `json:"text"`    // in the host's language; "" when the module does not show it
}

// Hello is what an agent says of itself and its host.
type Hello struct {
	Computer     string              `json:"computer"`
	OS           string              `json:"os"`         // version, such as 10.0.20348.0
	PowerShell   string              `json:"powershell"` // version, such as 5.1.20348.1
	Module       string              `json:"module"`     // version of BitsTransfer
	LanguageMode string              `json:"language_mode"`
	Policies     map[string]string   `json:"policies"` // execution policy by scope
	Process64    bool                `json:"process64"`
	OS64         bool                `json:"os64"`
	Account      string              `json:"account"` // DOMAIN\name, "" when the host could not tell
	SID          string              `json:"sid"`
	Elevated     bool                `json:"elevated"`   // member of Administrators with a full token
	AllUsers     bool                `json:"all_users"`  // Get-BitsTransfer -AllUsers works: reads see every job
	Parameters   map[string][]string `json:"parameters"` // cmdlet -> parameters (without the common ones)
}

// HostState is the value of host. What the caller may not look at, and what is not there, is null.
type HostState struct {
	Now       string            `json:"now"`        // the host's clock
	Service   *string           `json:"service"`    // state of the service BITS: running, stopped, start_pending, ...
	Start     *string           `json:"start"`      // automatic, automatic_delayed, manual or disabled
	Policies  map[string]uint32 `json:"policies"`   // of BITS, those that are configured
	Costs     map[string]uint32 `json:"costs"`      // its policies for costed networks, as Policies
	FreeBytes *string           `json:"free_bytes"` // of the drive, for the caller
	LoggedOn  *bool             `json:"logged_on"`  // the account has an interactive session

	SystemProxy  *string `json:"system_proxy"`  // LocalSystem's proxy settings as Windows stores them, in base64; "": it has none
	WinHTTPProxy *string `json:"winhttp_proxy"` // those of WinHTTP, as SystemProxy
}

// JobValue is the value of get, create, commit, adopt and change.
type JobValue struct {
	Job         Job      `json:"job"`
	OpenToUsers []string `json:"open_to_users,omitempty"` // of create and change: directories of files new to the job in which ordinary users may replace them
}

// Listed is the value of list, after its pages.
type Listed struct {
	Count    int    `json:"count"`     // of the jobs in the pages
	AllUsers bool   `json:"all_users"` // false: only the caller's own jobs
	Now      string `json:"now"`       // the host's clock
}

// Completed is the value of complete.
type Completed struct {
	Job       Job     `json:"job"`       // as read just before
	Done      bool    `json:"done"`      // false: the job was not transferred and was left alone
	Remaining *bool   `json:"remaining"` // done was reported, but BITS still lists the job; nil: that could not be looked up
	At        string  `json:"at"`
	HResult   *string `json:"hresult"` // of a success that says more than S_OK
}

// Elevated is the value of elevate.
type Elevated struct {
	Account  string   `json:"account"` // of who logged on, and so on, as in Hello
	SID      string   `json:"sid"`
	Elevated bool     `json:"elevated"`
	Notes    []string `json:"notes"` // what could not be read while tasks of earlier agents were looked for
}

// Removed is the value of remove.
type Removed struct {
	Absent  bool    `json:"absent"`
	HResult *string `json:"hresult"`
}

// History is the value of history. A log that is missing, disabled or not to be read makes an ending unknown, and Text
// says so.
type History struct {
	Ending string  `json:"ending"` // completed, cancelled, expired or unknown
	By     *string `json:"by"`     // DOMAIN\name
	At     *string `json:"at"`     // when it ended; of an unknown end, when the logs mention the job last
	Text   string  `json:"text"`   // what the logs do not show, and why
}

// FileQuery is a file that stat is asked about.
type FileQuery struct {
	LocalName string `json:"local_name"` // full path on a drive of the host
	SHA256    bool   `json:"sha256,omitempty"`
}

// Stat is the value of stat: what is at each path, in the order of the request.
type Stat struct {
	Files []FileStatus `json:"files"`
}

// FileStatus is what is at one path. A path that is refused, and a file that can't be read, have an error.
type FileStatus struct {
	Exists   bool    `json:"exists"`
	Size     *string `json:"size"`
	Modified *string `json:"modified"`
	SHA256   *string `json:"sha256"`  // lower case
	Pending  bool    `json:"pending"` // the hash is being computed: to be asked again
	Error    *Error  `json:"error"`
}

// Swept is the value of sweep.
type Swept struct {
	Removed []string `json:"removed"` // ids
	Notes   []string `json:"notes"`   // what could not be read or removed, and why
}
