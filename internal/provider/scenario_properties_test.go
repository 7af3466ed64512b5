package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// sets sets properties of the only job as its owner, LocalSystem, behind Terraform's back.
func (o *operator) sets(p bits.Properties) {
	o.t.Helper()
	system := bitsvc.Caller{SID: "S-1-5-18", Account: `NT AUTHORITY\SYSTEM`, System: true}
	job, err := o.farm.Host(0).BITS.Open(system, bits.JobID(o.job().ID))
	if err == nil {
		err = job.SetProperties(p)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func TestOperatorSetsTheTimesOfAJob(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(delay string) {
		o.declareJob(payload, `minimum_retry_delay = "`+delay+`"`, `no_progress_timeout = "1h"`, `transfer_policy = ["standard"]`,
			`create_directories = true`, `files = [{ remote_name = "`+o.farm.FilesURL+`/a.bin", local_name = "C:\\New\\Deep\\a.bin" }]`)
	}
	declare("30s")
	o.run(1, "plan").has("Error: Invalid Duration", `minimum_retry_delay = "30s"`, "30s is too short: BITS takes 1m0s and more.")
	declare("90s")
	o.apply().has("Warning: Destination Directory Open to Users", `C:\New\Deep`)
	o.planIsEmpty()
	declare("1m30s")
	o.apply().has("0 added")
	o.planIsEmpty()
	o.sets(bits.Properties{MinimumRetryDelay: ptr[bits.Seconds](7200), MaximumDownloadTime: ptr[bits.Seconds](5)})
	o.run(2, "plan", "-detailed-exitcode").has(`~ minimum_retry_delay = "2h0m0s" -> "1m30s"`, "1 to change", "unchanged attributes hidden")
	o.apply()
	o.planIsEmpty()
	job, err := o.farm.Host(0).BITS.Jobs(o.farm.Host(0).Account, true)
	if err != nil || *job[0].MinimumRetryDelay != 90 || *job[0].NoProgressTimeout != 3600 || *job[0].MaximumDownloadTime != 5 {
		t.Errorf("the host has %+v: %v", job[0].Properties, err)
	}
	o.destroy()
}

// TestOperatorKeepsSecretsOfAJob changes passwords and headers with all logs on, and looks for them wherever Terraform leaves
// something.
func TestOperatorKeepsSecretsOfAJob(t *testing.T) {
	t.Parallel()
	const first, second = "swordfish-of-monday", "swordfish-of-tuesday"
	o := operate(t)
	o.do("pause")
	log := filepath.Join(o.dir, "trace.log")
	o.setEnv("TF_LOG", "trace")
	o.setEnv("TF_LOG_PATH", log)
	declare := func(secret, version string) {
		o.declareJob(payload,
			`proxy = { usage = "override", list = ["http://proxy.corp.example:3128"], bypass_list = ["<local>"] }`,
			`credentials = { username = "CORP\\svc-dl", scheme = "basic", password_wo = var.secret, password_wo_version = `+version+` }`,
			`custom_headers_wo = { Authorization = "Bearer ${var.secret}" }`, `custom_headers_wo_version = `+version, `files = [`+o.file("a.bin", "size=5")+`]`)
		text, err := os.ReadFile(filepath.Join(o.dir, "main.tf"))
		if err != nil {
			t.Fatal(err)
		}
		o.writeRaw(string(text) + "variable \"secret\" {\n  type      = string\n  sensitive = true\n  ephemeral = true\n}\n")
		o.setEnv("TF_VAR_secret", secret)
	}
	kept := func(secret string) {
		t.Helper()
		has := o.farm.Host(0).BITS.Settings(bits.JobID(o.job().ID))
		if has.Credential.Password.Reveal() != secret || has.CustomHeaders[0].Reveal() != "Authorization: Bearer "+secret {
			t.Error("the host does not have the secret of this version")
		}
		for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup", "trace.log"} {
			text, err := os.ReadFile(filepath.Join(o.dir, name))
			if err == nil && (strings.Contains(string(text), first) || strings.Contains(string(text), second)) {
				t.Errorf("a secret stands in %s", name)
			}
		}
	}
	declare(first, "1")
	o.apply().lacks(first)
	kept(first)
	if text, err := os.ReadFile(log); err != nil || !strings.Contains(string(text), "custom_headers_wo_version") {
		t.Errorf("nothing was logged: %v", err)
	}
	o.planIsEmpty()
	declare(second, "1")
	o.planIsEmpty()
	declare(second, "2")
	o.run(2, "plan", "-detailed-exitcode", "-out=saved.plan").has("~ password_wo_version = 1 -> 2", "~ custom_headers_wo_version = 1 -> 2").lacks(first, second)
	o.run(0, "apply", "saved.plan").lacks(first, second)
	kept(second)
	o.sets(bits.Properties{ProxyUsage: ptr(bits.ProxyNone)})
	o.run(2, "plan", "-detailed-exitcode").has(`~ usage = "no_proxy" -> "override"`)
	o.apply().lacks(second)
	o.planIsEmpty()
	o.destroy()
}

func TestOperatorChoosesHowAJobSpeaksHTTP(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(method, priority, location, thumbprint string) {
		o.declareJob(payload, `http_method = "`+method+`"`, `priority = "`+priority+`"`, `security_flags = ["enable_crl_check", "redirect_policy_disallow"]`,
			`client_certificate = { store_location = "`+location+`", store_name = "MY", thumbprint = "`+thumbprint+`" }`, `files = [`+o.file("a.bin", "size=5")+`]`)
	}
	first, second := strings.Repeat("0A ", 20), strings.Repeat("1b", 20)
	declare("POST", "normal", "local_machine", first)
	o.run(1, "plan").has("Error: Conflicting Attributes", `The method "POST" runs in foreground only`, `set priority = "foreground"`)
	declare("POST", "foreground", "current_user", first)
	o.run(1, "plan").has("Error: Conflicting Attributes", "LocalSystem, who has none", `run_as = "user"`)
	declare("POST", "foreground", "local_machine", first)
	o.apply()
	o.planIsEmpty()
	o.sets(bits.Properties{SecurityFlags: []bits.SecurityFlag{"ignore_unknown_ca"}})
	o.run(2, "plan", "-detailed-exitcode").has("~ security_flags", `- "ignore_unknown_ca"`, "0 to add, 1 to change")
	declare("POST", "foreground", "local_machine", second)
	o.apply()
	o.planIsEmpty()
	if has := o.farm.Host(0).BITS.Settings(bits.JobID(o.job().ID)); *has.CertificateHash != second || *has.HTTPMethod != "POST" {
		t.Errorf("the host has %+v", has)
	}
	declare("PUT", "foreground", "local_machine", second)
	o.run(2, "plan", "-detailed-exitcode").has("http_method", `"POST" -> "PUT" # forces replacement`)
	o.destroy()
}

func TestOperatorIsToldWhatAnOldModuleLacks(t *testing.T) {
	t.Parallel()
	o := operateOn(t, winhost.Config{Module2016: true})
	o.do("pause")
	files := `files = [` + o.file("a.bin", "size=5") + `]`
	o.declareJob(payload, `minimum_retry_delay = "90s"`, files)
	o.apply()
	o.planIsEmpty()
	o.declareJob(payload, `minimum_retry_delay = "90s"`, `security_flags = ["enable_crl_check"]`, files)
	o.run(1, "apply", "-auto-approve").has("Error: Not Supported by the Host", "security_flags = [", "has no Set-BitsTransfer -SecurityFlags (module 2.0.0.0, Windows 10.0.", "remove it")
	o.declareJob(payload, `minimum_retry_delay = "90s"`, files)
	o.planIsEmpty()
	o.destroy()
}

func (o *operator) writeRaw(text string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, "main.tf"), []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}
