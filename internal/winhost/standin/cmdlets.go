package standin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// The classes behind the cmdlets of the module BitsTransfer, which appear in error ids.
// Source: "BITS PowerShell commands", learn.microsoft.com.
const (
	classAdd      = "AddBitsFileCommand"
	classComplete = "CompleteBitsTransferCommand"
	classGet      = "GetBitsTransferCommand"
	classRemove   = "ClearBitsTransferCommand"
	classResume   = "ResumeBitsTransferCommand"
	classSet      = "SetBitsTransferCommand"
	classStart    = "NewBitsTransferCommand"
	classSuspend  = "SuspendBitsTransferCommand"
)

// The .NET exceptions that the cmdlets show.
const (
	comException        = "System.Runtime.InteropServices.COMException"
	recordException     = "System.Management.Automation.ParentContainsErrorRecordException"
	bindingException    = "System.Management.Automation.ParameterBinding" // how the names of its kinds begin
	validationException = bindingException + "ValidationException"
)

// record is an error record of PowerShell, as far as the agent looks at one.
type record struct {
	hresult   bits.HResult // 0 when the exception carries none of BITS, Windows or HTTP
	exception string
	id        string // fully qualified error id
	text      string
}

// binding reports whether a parameter was refused before the cmdlet ran.
func (r *record) binding() bool { return strings.HasPrefix(r.exception, bindingException) }

// success reports whether the record tells of a success that says more than S_OK.
func (r *record) success() bool { return r.hresult != 0 && !r.hresult.Failed() }

// recordOf turns a refusal of the service into what a cmdlet shows of it.
func recordOf(err error, class string) *record {
	var refusal *bits.Error
	if !errors.As(err, &refusal) {
		return &record{exception: "System.Exception", id: errorID("System.Exception", class), text: err.Error()}
	}
	exception := netException(refusal.HResult)
	return &record{
		hresult: refusal.HResult, exception: exception, id: errorID(exception, class),
		text: fmt.Sprintf("%s (Exception from HRESULT: %s)", refusal.Text, refusal.HResult.Hex()),
	}
}

// errorID is the fully qualified error id of an error of a cmdlet.
func errorID(id, class string) string {
	return id + ",Microsoft.BackgroundIntelligentTransfer.Management." + class
}

// netException is the exception that .NET makes of a result.
// Source: "How to: Map HRESULTs and Exceptions", learn.microsoft.com.
func netException(h bits.HResult) string {
	switch h {
	case 0x80004001:
		return "System.NotImplementedException"
	case 0x80070002:
		return "System.IO.FileNotFoundException"
	case 0x80070003:
		return "System.IO.DirectoryNotFoundException"
	case 0x80070005:
		return "System.UnauthorizedAccessException"
	case 0x80070057:
		return "System.ArgumentException"
	default:
		return comException
	}
}

// module is the module BitsTransfer as one account sees it.
type module struct {
	host   Host
	caller bitsvc.Caller
}

// newJob is what Start-BitsTransfer -Asynchronous -Suspended is given.
type newJob struct {
	displayName, description, transferType, priority string
	files                                            []bits.FileSpec
	properties                                       bits.Properties
}

// start is Start-BitsTransfer. As the real one it is a single call to its caller but several to BITS, and leaves
// a suspended job behind when a later one of them fails.
func (m module) start(n newJob) (bits.Job, *record) {
	transferType, bad := bindTransferType(n.transferType, classStart)
	if bad != nil {
		return bits.Job{}, bad
	}
	priority, bad := bindPriority(n.priority, classStart)
	if bad != nil {
		return bits.Job{}, bad
	}
	if bad := bind(n.properties, given(n.properties), classStart); bad != nil {
		return bits.Job{}, bad
	}
	for _, f := range n.files {
		if bad := m.missingDirectory(f, classStart); bad != nil {
			return bits.Job{}, bad
		}
	}
	id, err := m.host.Service.CreateJob(m.caller, n.displayName, transferType)
	if err != nil {
		return bits.Job{}, recordOf(err, classStart)
	}
	handle, err := m.host.Service.Open(m.caller, id)
	if err != nil {
		return bits.Job{}, recordOf(err, classStart)
	}
	if err := prepare(handle, n, priority); err != nil {
		return bits.Job{}, recordOf(err, classStart)
	}
	job, err := m.host.Service.Job(m.caller, id)
	return job, recorded(err, classStart)
}

// prepare gives a new job what Start-BitsTransfer was given.
func prepare(h *bitsvc.Handle, n newJob, priority bits.Priority) error {
	if n.description != "" {
		if err := h.SetDescription(n.description); err != nil {
			return err //nolint:wrapcheck // becomes an error record as it is
		}
	}
	if err := h.SetPriority(priority); err != nil {
		return err //nolint:wrapcheck // becomes an error record as it is
	}
	if err := h.SetProperties(n.properties); err != nil {
		return err //nolint:wrapcheck // becomes an error record as it is
	}
	for _, f := range n.files {
		if err := h.AddFile(f); err != nil {
			return err //nolint:wrapcheck // becomes an error record as it is
		}
	}
	return nil
}

// missingDirectory is the refusal of a destination whose directory is missing, which the cmdlets make themselves,
// or nil.
func (m module) missingDirectory(f bits.FileSpec, class string) *record {
	full := len(f.LocalName) > 2 && f.LocalName[1] == ':' && f.LocalName[2] == '\\'
	if !full || m.host.Drive.DirExists(f.LocalName) {
		return nil
	}
	return &record{
		exception: recordException, id: errorID("PathNotFound", class),
		text: fmt.Sprintf("Cannot find path '%s' because it does not exist.", f.LocalName),
	}
}

// add is Add-BitsFile for one file.
func (m module) add(h *bitsvc.Handle, f bits.FileSpec) *record {
	if bad := m.missingDirectory(f, classAdd); bad != nil {
		return bad
	}
	return recorded(h.AddFile(f), classAdd)
}

// get is Get-BitsTransfer -JobId: the job as an object that the cmdlets take, and what it says.
func (m module) get(id bits.JobID) (*bitsvc.Handle, bits.Job, *record) {
	handle, err := m.host.Service.Open(m.caller, id)
	if err != nil {
		return nil, bits.Job{}, recordOf(err, classGet)
	}
	job, err := m.host.Service.Job(m.caller, id)
	return handle, job, recorded(err, classGet)
}

// list is Get-BitsTransfer, with or without -AllUsers.
func (m module) list(allUsers bool) ([]bits.Job, *record) {
	jobs, err := m.host.Service.Jobs(m.caller, allUsers)
	bad := recorded(err, classGet)
	if bad != nil && allUsers && bad.hresult == 0x80070005 {
		bad.id = errorID("GetBitsTransferAuthException", classGet)
	}
	return jobs, bad
}

// setPriority is Set-BitsTransfer -Priority.
func setPriority(h *bitsvc.Handle, value string) *record {
	priority, bad := bindPriority(value, classSet)
	if bad != nil {
		return bad
	}
	return recorded(h.SetPriority(priority), classSet)
}

// setDescription is Set-BitsTransfer -Description.
func setDescription(h *bitsvc.Handle, value string) *record {
	return recorded(h.SetDescription(value), classSet)
}

// setDisplayName is Set-BitsTransfer -DisplayName.
func setDisplayName(h *bitsvc.Handle, value string) *record {
	return recorded(h.SetDisplayName(value), classSet)
}

// suspend is Suspend-BitsTransfer.
func suspend(h *bitsvc.Handle) *record { return recorded(h.Suspend(), classSuspend) }

// resume is Resume-BitsTransfer -Asynchronous.
func resume(h *bitsvc.Handle) *record { return recorded(h.Resume(), classResume) }

// complete is Complete-BitsTransfer, and remove Remove-BitsTransfer. What the real ones do with the success codes of
// BITS is not known: these show them as errors, which is the harder case for who calls them.
func complete(h *bitsvc.Handle) *record { return succeeded(classComplete)(h.Complete()) }

func remove(h *bitsvc.Handle) *record { return succeeded(classRemove)(h.Cancel()) }

// succeeded is recorded for a call with success codes.
func succeeded(class string) func(bits.HResult, error) *record {
	return func(h bits.HResult, err error) *record {
		if err == nil && h != 0 {
			err = &bits.Error{Code: bits.CodeRefused, HResult: h}
		}
		return recorded(err, class)
	}
}

// recorded is recordOf for an error that may be nil.
func recorded(err error, class string) *record {
	if err == nil {
		return nil
	}
	return recordOf(err, class)
}

// bindPriority binds -Priority, a string with a set of values.
func bindPriority(value, class string) (bits.Priority, *record) {
	for _, p := range bits.Priorities() {
		if strings.EqualFold(value, string(p)) {
			return p, nil
		}
	}
	return "", notInSet("Priority", value, class)
}

// bindTransferType binds -TransferType, a string with a set of values.
func bindTransferType(value, class string) (bits.TransferType, *record) {
	for _, t := range []bits.TransferType{bits.Download, bits.Upload, bits.UploadReply} {
		if strings.EqualFold(strings.ReplaceAll(value, "_", ""), strings.ReplaceAll(string(t), "_", "")) {
			return t, nil
		}
	}
	return "", notInSet("TransferType", value, class)
}

// notInSet is the refusal of a value by ValidateSet.
func notInSet(parameter, value, class string) *record {
	return &record{
		exception: validationException,
		id:        errorID("ParameterArgumentValidationError", class),
		text: fmt.Sprintf("Cannot validate argument on parameter '%s'. The argument %q does not belong to the set.",
			parameter, value),
	}
}
