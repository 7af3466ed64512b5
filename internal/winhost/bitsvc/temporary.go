// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// maxTemporaries is how many temporary files a directory can have: their names have up to four hexadecimal digits.
const maxTemporaries = 1 << 16

// createTemporary makes a temporary file in a directory, with a name such as BIT1A2B.tmp. That Windows hides it can't be shown
// here. Source: the message 0x4002 of qmgr.dll, which speaks of BITxxx.TMP.
func createTemporary(directory string) (*os.File, error) {
	first := rand.N(maxTemporaries) //nolint:gosec // a name is not a secret
	for i := range maxTemporaries {
		name := fmt.Sprintf("BIT%X.tmp", (first+i)%maxTemporaries)
		file, err := os.OpenFile(filepath.Join(directory, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a directory of the host
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
	return nil, fs.ErrExist
}
