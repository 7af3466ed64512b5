package provider_test

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

func TestCLITimes(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	declare := func(delay string) {
		wd.declare(`minimum_retry_delay = "`+delay+`"`, `no_progress_timeout = "1h"`, `transfer_policy = ["standard"]`,
			`create_directories = true`, `files = [{ remote_name = "`+wd.network.FilesURL+`/a.bin", local_name = "C:\\New\\Deep\\a.bin" }]`)
	}
	declare("30s")
	wd.plan(1).has("Error: Invalid Duration", `minimum_retry_delay = "30s"`, "30s is too short: BITS takes 1m0s and more.")
	declare("90s")
	wd.applyOnce().has("Warning: Destination Directory Open to Users", `C:\New\Deep`)
	declare("1m30s")
	wd.applyOnce().has("0 added")
	wd.setProperties(bits.Properties{MinimumRetryDelay: pointer[bits.Seconds](7200), MaximumDownloadTime: pointer[bits.Seconds](5)})
	wd.applyOnce().has(`~ minimum_retry_delay = "2h0m0s" -> "1m30s"`, "1 to change", "unchanged attributes hidden")
	if p := wd.listed().Properties; *p.MinimumRetryDelay != 90 || *p.NoProgressTimeout != 3600 || *p.MaximumDownloadTime != 5 {
		t.Errorf("the host has %+v", p)
	}
	wd.destroy()
}

func TestCLIHTTPSettings(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	declare := func(method, priority, location, thumbprint string) {
		wd.declare(`http_method = "`+method+`"`, `priority = "`+priority+`"`, `security_flags = ["enable_crl_check", "redirect_policy_disallow"]`,
			`client_certificate = { store_location = "`+location+`", store_name = "MY", thumbprint = "`+thumbprint+`" }`)
	}
	first, second := strings.Repeat("0A ", 20), strings.Repeat("1b", 20)
	declare("POST", "normal", "local_machine", first)
	wd.plan(1).has("Error: Conflicting Attributes", `The method "POST" runs in foreground only`, `set priority = "foreground"`)
	declare("POST", "foreground", "current_user", first)
	wd.plan(1).has("Error: Conflicting Attributes", "LocalSystem, who has none", `run_as = "user"`)
	declare("POST", "foreground", "local_machine", first)
	wd.applyOnce()
	wd.setProperties(bits.Properties{SecurityFlags: []bits.SecurityFlag{"ignore_unknown_ca"}})
	declare("POST", "foreground", "local_machine", second)
	wd.applyOnce().has("~ security_flags", `- "ignore_unknown_ca"`, "~ thumbprint", plansUpdate)
	if p := wd.unlisted(); *p.CertificateHash != second || *p.HTTPMethod != "POST" {
		t.Errorf("the host has %+v", p)
	}
	declare("PUT", "foreground", "local_machine", second)
	wd.plan(2).has("http_method", `"POST" -> "PUT" # forces replacement`)
	wd.destroy()
}

func TestCLIPropertyThatAnOldModuleLacks(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Module2016: true})
	wd.pauseAll()
	wd.declare(`minimum_retry_delay = "90s"`)
	wd.applyOnce()
	wd.declare(`minimum_retry_delay = "90s"`, `security_flags = ["enable_crl_check"]`)
	wd.applyFails().has("Error: Not Supported by the Host", "security_flags = [",
		"has no Set-BitsTransfer -SecurityFlags (module 2.0.0.0, Windows 10.0.", "remove it")
	wd.declare(`minimum_retry_delay = "90s"`)
	wd.plan(0)
	wd.destroy()
}

func pointer[T any](v T) *T { return &v }
