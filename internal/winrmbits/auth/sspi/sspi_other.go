// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package sspi

import (
	"context"
	"errors"
)

// Begin always fails here.
func Begin(context.Context, string, []byte) (Session, []byte, error) {
	return nil, nil, errors.New("only Windows has tickets of the account that is logged on")
}
