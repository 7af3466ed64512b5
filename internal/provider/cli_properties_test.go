// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// TestCLIProperties takes properties of each kind through plans that are refused, in place, and a replacement.
func TestCLIProperties(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	priority, location, delay := "normal", "local_machine", "90s"
	method, thumbprint := "POST", strings.Repeat("0A ", 20)
	declare := func() {
		wd.declare(`minimum_retry_delay = "`+delay+`"`, `no_progress_timeout = "1h"`, `transfer_policy = ["standard"]`,
			`http_method = "`+method+`"`, `priority = "`+priority+`"`, `security_flags = ["enable_crl_check", "redirect_policy_disallow"]`,
			`client_certificate = { store_location = "`+location+`", store_name = "MY", thumbprint = "`+thumbprint+`" }`,
			`create_directories = true`, `files = [{ remote_name = "`+wd.network.FilesURL+`/a.bin", local_name = "C:\\New\\Deep\\a.bin" }]`)
	}
	refused := func(text ...string) {
		t.Helper()
		declare()
		wd.plan(1).has(text...)
	}
	refused("Error: Conflicting Attributes", `The method "POST" runs in foreground only`, `Set priority = "foreground"`)
	priority, location = "foreground", "current_user"
	refused("Error: Conflicting Attributes", "LocalSystem (run_as", `run_as = "user"`)
	location, delay = "local_machine", "30s"
	refused("Error: Invalid Duration", `minimum_retry_delay = "30s"`, "30s is too short: BITS accepts 1m0s and more.")
	delay = "90s"
	wd.host.Drive.Allow(`C:\New`, machine.AccessRule{SID: machine.SIDAuthenticatedUsers, Rights: machine.RightModify, Files: true, Folders: true})
	declare()
	wd.applyOnce().has("Warning: Destination Directory Open to Users", `C:\New\Deep`)
	delay = "1m30s"
	declare()
	wd.applyOnce().has("0 added")

	wd.setProperties(bits.Properties{
		MinimumRetryDelay: pointer[bits.Seconds](7200), MaximumDownloadTime: pointer[bits.Seconds](5),
		SecurityFlags: []bits.SecurityFlag{"ignore_unknown_ca"},
	})
	thumbprint = strings.Repeat("1b", 20)
	declare()
	wd.applyOnce().has(`~ minimum_retry_delay = "2h0m0s" -> "1m30s"`, "~ security_flags", `- "ignore_unknown_ca"`, "~ thumbprint", plansUpdate,
		"unchanged attributes hidden")
	listed, unlisted := wd.listed(), wd.unlisted()
	if *listed.MinimumRetryDelay != 90 || *listed.NoProgressTimeout != 3600 || *listed.MaximumDownloadTime != 5 ||
		*unlisted.CertificateHash != thumbprint || *unlisted.HTTPMethod != "POST" {
		t.Errorf("the host has %+v and %+v", listed, unlisted)
	}
	method = "PUT"
	declare()
	wd.plan(2).has("http_method", `"POST" -> "PUT" # forces replacement`)
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
}

func pointer[T any](v T) *T { return &v }
