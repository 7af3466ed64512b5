// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/sspi"
)

// withWindows begins as the account that runs this process: Windows itself has its ticket.
func (k *negotiateKerberos) withWindows(ctx context.Context) (initiator, []byte, error) {
	session, token, err := k.windows(ctx, k.settings.SPN(), k.channel)
	if err != nil {
		return nil, nil, explainWindows(k.settings, err)
	}
	return windowsInitiator{session}, token, nil
}

// windowsInitiator is one of Windows.
type windowsInitiator struct{ session sspi.Session }

func (i windowsInitiator) Finish(answer []byte) (secured, error) {
	return i.session, i.session.Finish(answer)
}

// explainWindows explains a logon for which Windows has no ticket.
func explainWindows(s connection.Settings, err error) error {
	var failed *sspi.Error
	if !errors.As(err, &failed) {
		return err
	}
	return &connection.Error{
		Kind: connection.NoLogon, Host: s.Address(), Err: err, Remedy: failed.Remedy(),
		Problem: fmt.Sprintf("could not log on to %s as the account that runs Terraform: %s.", s.SPN(), failed),
	}
}
