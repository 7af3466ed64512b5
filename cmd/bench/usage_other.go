// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package main

import "os"

func maxResident(*os.ProcessState) int64 { return 0 }
