// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Limits of BITS. Source: IBackgroundCopyJob::SetDisplayName, ::SetDescription and BG_FILE_INFO, learn.microsoft.com.
const (
	MaxDisplayName = 256  // UTF-16 code units
	MaxDescription = 1024 // UTF-16 code units
	MaxRemoteName  = 2200 // characters of a whole URL
	MaxPath        = 260  // characters of a local name with its terminating NUL (MAX_PATH), and of a URL's segment
)

// JobID is the GUID of a job: lower case, with hyphens, without braces.
type JobID string

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ParseJobID reads a GUID in any case, with or without braces.
func ParseJobID(s string) (JobID, error) {
	id := strings.ToLower(s)
	if strings.HasPrefix(id, "{") && strings.HasSuffix(id, "}") {
		id = id[1 : len(id)-1]
	}
	if !guid.MatchString(id) {
		return "", fmt.Errorf("%q is not a job ID: expected a GUID such as 6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", s)
	}
	return JobID(id), nil
}

// TransferType is the direction of a job. Source: BG_JOB_TYPE, learn.microsoft.com.
type TransferType string

// The directions of a job.
const (
	Download    TransferType = "download"
	Upload      TransferType = "upload"
	UploadReply TransferType = "upload_reply"
)

// ParseTransferType reads a direction as this project or a BITS cmdlet spells it.
func ParseTransferType(s string) (TransferType, error) {
	if t, ok := findWord(s, []TransferType{Download, Upload, UploadReply}); ok {
		return t, nil
	}
	return "", fmt.Errorf("%q is not a BITS transfer type: use download or upload", s)
}

// Job is what BITS reports of a job at one moment.
type Job struct {
	ID           JobID
	DisplayName  string
	Description  string
	TransferType TransferType
	Priority     Priority
	State        State
	Owner        Owner
	Files        []File
	Error        *JobError // only in StateError and StateTransientError

	BytesTotal       *uint64 // nil while any file's size is unknown
	BytesTransferred uint64
	FilesTransferred int

	CreatedAt     time.Time  // UTC, as are all times
	ModifiedAt    time.Time  // of the last property change or state change
	TransferredAt *time.Time // when the last byte arrived; nil before

	Properties
	ReadOnly

	OpenToUsers []string // of files that are new to a job: their directories in which ordinary users may replace them
}

// Percent returns how much of a job has arrived, in percent, rounded down: 100 in StateTransferred, and less for what has not all
// arrived. It is not known while the size is not, and of nothing.
func (j Job) Percent() (percent int64, known bool) {
	switch {
	case j.State == StateTransferred:
		return 100, true
	case j.BytesTotal == nil || *j.BytesTotal == 0:
		return 0, false
	}
	return min(100, int64(100*(float64(j.BytesTransferred)/float64(*j.BytesTotal)))), true
}

// Owner is the account a job belongs to. BITS moves a job only while its owner is logged on; LocalSystem
// always counts as logged on.
type Owner struct {
	SID  string // "" when the host does not report it
	Name string // DOMAIN\name; "" when the SID could not be translated
}

// File is one file of a job.
type File struct {
	RemoteName       string // URL (or UNC path) of the far side
	LocalName        string // full path on the host
	BytesTotal       *uint64
	BytesTransferred uint64
	Complete         bool
}

// JobError is the error of a job in StateError or StateTransientError.
type JobError struct {
	HResult HResult      // 0 when this host's module does not report it
	Context ErrorContext // where it happened
	Text    string       // in the host's language, never to be parsed; "" when this host's module does not report it
	File    string       // local name of the file, where known
}

// ErrorContext is the place in BITS where a job's error happened.
// Source: BG_ERROR_CONTEXT, learn.microsoft.com.
type ErrorContext string

// The places of errors.
const (
	ContextNone              ErrorContext = "none"
	ContextUnknown           ErrorContext = "unknown"
	ContextQueueManager      ErrorContext = "general_queue_manager"
	ContextNotification      ErrorContext = "queue_manager_notification"
	ContextLocalFile         ErrorContext = "local_file"
	ContextRemoteFile        ErrorContext = "remote_file"
	ContextTransport         ErrorContext = "general_transport"
	ContextRemoteApplication ErrorContext = "remote_application"
	ContextServerCertificate ErrorContext = "server_certificate_callback"
)

// Spec is a job to be made.
type Spec struct {
	DisplayName  string
	Description  string
	TransferType TransferType
	Priority     Priority
	Files        []FileSpec // at least one; a job made with the cmdlets can't be empty
	Directories  bool       // make the directories of the files that are missing
	Properties
}

// FileSpec is a file to be transferred.
type FileSpec struct {
	RemoteName string
	LocalName  string
}

// Change is what to change on a live job. A nil or empty field is left alone.
type Change struct {
	DisplayName *string
	Description *string
	Priority    *Priority
	AddFiles    []FileSpec
	Suspended   *bool // true suspends; false resumes, which also retries a job in StateError
	Retry       bool  // resumes a job in StateTransientError, and leaves one in any other state alone
	Properties
}

// None reports whether the change changes nothing.
func (c Change) None() bool {
	return c.DisplayName == nil && c.Description == nil && c.Priority == nil && c.Suspended == nil && !c.Retry && len(c.AddFiles) == 0 && c.Empty()
}

// Completion is what came of completing a job.
type Completion struct {
	Job       Job       // as read just before; its State is StateAcknowledged when Done
	Done      bool      // false: the job was not in StateTransferred and was left alone
	At        time.Time // the host's clock
	HResult   HResult   // 0, or a success code such as BG_S_PARTIAL_COMPLETE
	Remaining bool      // BITS still lists the job though the host reported no error: locked destination
}

// Removal is what came of removing a job.
type Removal struct {
	Absent  bool    // BITS did not list the job
	HResult HResult // 0, or a success code such as BG_S_UNABLE_TO_DELETE_FILES
}

// PendingPrefix begins the display name of a job that was created and is not committed yet; the rest is a
// token of 32 hexadecimal digits.
const PendingPrefix = "terraform-provider-bits pending "
