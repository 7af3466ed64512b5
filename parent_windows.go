// SPDX-License-Identifier: MPL-2.0

package main

import "os"

// watchParent returns a function that returns when the process that started this one has ended: a CLI that is killed can't
// stop its providers (hashicorp/terraform issue 23527). The function never returns if that process can't be watched.
//
// Windows keeps the id of a parent that has ended, so the process itself is waited for. It need not be a child.
func watchParent() (wait func()) {
	parent, err := os.FindProcess(os.Getppid())
	return func() {
		if err == nil {
			_, err = parent.Wait()
		}
		if err != nil {
			select {}
		}
	}
}
