// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// win32 begins the codes that HRESULT_FROM_WIN32 makes. Source: "BITS Return Values", learn.microsoft.com.
const win32 bits.HResult = 0x80070000

// windowsErrors are the codes that Windows has for errors of this file system. Source: "System Error Codes", learn.microsoft.com.
var windowsErrors = map[syscall.Errno]bits.HResult{
	syscall.EISDIR:       eAccessDenied,
	syscall.ENOTDIR:      pathNotFound,
	syscall.EMFILE:       win32 + 4,    // ERROR_TOO_MANY_OPEN_FILES
	syscall.EROFS:        win32 + 19,   // ERROR_WRITE_PROTECT
	syscall.ETXTBSY:      win32 + 32,   // ERROR_SHARING_VIOLATION
	syscall.ENOSPC:       win32 + 112,  // ERROR_DISK_FULL
	syscall.ENAMETOOLONG: win32 + 206,  // ERROR_FILENAME_EXCED_RANGE
	syscall.EFBIG:        win32 + 223,  // ERROR_FILE_TOO_LARGE
	syscall.EIO:          win32 + 1117, // ERROR_IO_DEVICE
	syscall.EDQUOT:       win32 + 1295, // ERROR_DISK_QUOTA_EXCEEDED
}

// windowsError is the result that Windows has for an error of the host's files; without one, that the file is not one to use.
func windowsError(err error) bits.HResult {
	var (
		refused *bits.Error
		number  syscall.Errno
	)
	switch {
	case err == nil, errors.Is(err, fs.ErrPermission):
		return eAccessDenied
	case errors.As(err, &refused):
		return refused.HResult
	case errors.Is(err, fs.ErrNotExist):
		return fileNotFound
	case !errors.As(err, &number):
		return eFail
	}
	if result, ok := windowsErrors[number]; ok {
		return result
	}
	if runtime.GOOS == "windows" && number <= 0xFFFF {
		return win32 + bits.HResult(number)
	}
	return eFail
}

// refusal is what BITS makes of a file that can't be used.
func refusal(err error, where bits.ErrorContext) problem {
	result := windowsError(err)
	known, _ := bits.Lookup(result)
	return problem{result: result, context: where, transient: known.Kind == bits.KindTransient}
}

// keep gives a file that has arrived its name. Windows replaces a file of that name, unless it is read-only or a directory.
// Source: MoveFileEx, learn.microsoft.com; that it does not replace read-only files is general knowledge.
func (f *file) keep(drive *machine.Drive) error {
	place, err := drive.Path(f.local) // which another job may have written by now
	if err == nil {
		err = drive.Take(f.local, 0)
	}
	if old, failed := os.Stat(place); err == nil && failed == nil && (old.IsDir() || old.Mode().Perm()&0o200 == 0) {
		err = fs.ErrPermission
	}
	if err == nil {
		err = os.Rename(f.temporary, place)
	}
	if err != nil {
		return machine.Refuse(windowsError(err), f.local)
	}
	f.temporary, f.kept = "", true
	return nil
}
