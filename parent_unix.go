// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"time"
)

// watchParent returns a function that returns when the process that started this one has ended: a CLI that is killed can't
// stop its providers (hashicorp/terraform issue 23527). An orphan gets another parent.
func watchParent() (wait func()) {
	parent := os.Getppid()
	return func() {
		for range time.Tick(2 * time.Second) {
			if os.Getppid() != parent {
				return
			}
		}
	}
}
