// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package main

import (
	"os"
	"time"
)

func maxResident(*os.ProcessState) int64 { return 0 }

func ownCPU() time.Duration { return 0 }
