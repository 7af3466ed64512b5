package winrmbits_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// TestAHostThatRefusesClearTextIsExplained has Basic asked for over http where the host's AllowUnencrypted is not set.
func TestAHostThatRefusesClearTextIsExplained(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{Security: winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.Basic}}})
	s := farm.Host(0).Settings()
	s.Auth, s.AllowUnencrypted = connection.AuthBasic, true
	fleet := winrmbits.NewQuickFleet()
	_, err := fleet.Host(s).Hello(t.Context())
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != connection.Forbidden || !strings.Contains(err.Error(), `@{AllowUnencrypted="true"}`) {
		t.Errorf("%v", err)
	}
	if got := farm.Stats(); got.HTTPRequests != 1 || got.ShellsOpened != 0 {
		t.Errorf("%+v", got)
	}
	if err := fleet.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
