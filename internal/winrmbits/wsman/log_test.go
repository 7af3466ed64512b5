package wsman

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestALogHoldsNoSecretWhateverItQuotes(t *testing.T) {
	const short, long = "hunter2", "hunter2-and-more"
	s := connection.Settings{Password: bits.NewSecret(short), ProxyURL: bits.NewSecret(long)}
	var log strings.Builder
	plain := slog.New(slog.NewTextHandler(&log, nil))
	quoting := "it says " + short + " and " + long
	for _, l := range []*slog.Logger{Masked(plain, s), Masked(plain, s).With("fixed", quoting), Masked(plain, s).WithGroup("inner")} {
		l.Info(quoting, "text", quoting, "error", errors.New(quoting), "number", 7, slog.Group("group", "text", quoting))
	}
	got := log.String()
	if strings.Contains(got, "hunter2") || strings.Contains(got, "and-more") {
		t.Errorf("a secret is logged:\n%s", got)
	}
	if strings.Count(got, "it says "+bits.Masked+" and "+bits.Masked) != 13 || strings.Count(got, "number=7") != 3 {
		t.Errorf("the log is\n%s", got)
	}
	log.Reset()
	Masked(plain, connection.Settings{}).Info("x", "text", quoting)
	if !strings.Contains(log.String(), quoting) {
		t.Errorf("without secrets the log is %s", log.String())
	}
}
