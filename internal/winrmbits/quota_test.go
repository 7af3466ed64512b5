package winrmbits_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// TestAQuotaOfTheHostIsWaitedForAndNamed has one fleet hold the only shell, and another come.
func TestAQuotaOfTheHostIsWaitedForAndNamed(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{Quotas: wsmansvc.Quotas{Shells: 1}})
	on := farm.Host(0)
	holder := winrmbits.NewQuickFleet()
	if _, err := holder.Host(on.Settings()).Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	impatient := on.Settings()
	impatient.ConnectTimeout = 2 * time.Second
	other := winrmbits.NewQuickFleet()
	_, err := other.Host(impatient).Hello(t.Context())
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != connection.Quota {
		t.Fatalf("%v", err)
	}
	for _, text := range []string{"ERROR_WSMAN_QUOTA_MAX_SHELLS", "MaxShellsPerUser in winrm/config/winrs", "winrm get winrm/config/winrs", "winrm set winrm/config/winrs"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not said: %v", text, err)
		}
	}
	var once sync.Once
	on.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		if e.Verb == wsmansvc.Create { // the one who waits has come
			once.Do(func() { go func() { _ = holder.Close(context.Background()) }() })
		}
		return wsmansvc.Action{}
	})
	patient := winrmbits.NewQuickFleet()
	if _, err := patient.Host(on.Settings()).Hello(t.Context()); err != nil {
		t.Errorf("the shell was given back, and %v", err)
	}
	for _, fleet := range []*winrmbits.Fleet{other, patient, holder} {
		if err := fleet.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := on.Stats().ShellsOpen; n != 0 {
		t.Errorf("%d shells are left", n)
	}
}
