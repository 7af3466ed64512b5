// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// command writes a CLI that prints a text, into a folder.
func command(t *testing.T, dir, name, prints string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for a CLI is a shell script")
	}
	if err := write(filepath.Join(dir, name), prints); err != nil {
		t.Fatal(err)
	}
}

func write(path, prints string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, []byte("#!/bin/sh\nprintf '"+prints+"'\n"), 0o700)
}

// machine is a machine without any CLI: PATH and the cache are empty folders.
func machine(t *testing.T) (path, cache string) {
	t.Helper()
	path, home := t.TempDir(), t.TempDir()
	t.Setenv("PATH", path)
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	t.Setenv("LocalAppData", filepath.Join(home, "cache"))
	t.Setenv(PathVariable, "")
	cache, err := cached("tofu-" + OpenTofuVersion)
	if err != nil {
		t.Fatal(err)
	}
	return path, cache
}

const (
	terraformSays = `Terraform v1.11.4\non linux_amd64\n`
	tofuSays      = `OpenTofu v1.12.6\non linux_amd64\n`
)

func TestFind(t *testing.T) {
	const other, wrapper = `OpenTofu v1.11.0\n`, `log on first\n`
	tests := []struct {
		name                           string
		terraform, tofu, cached, named string // what they print; "": there is none
		want                           CLI
		is                             error
		says                           string
	}{
		{name: "a machine without any has none", is: ErrNone},
		{
			name: "the one that was named comes before those on PATH", terraform: terraformSays, named: tofuSays,
			want: CLI{Name: OpenTofu, Version: "1.12.6"},
		},
		{name: "terraform comes before tofu", terraform: terraformSays, tofu: tofuSays, want: CLI{Name: Terraform, Version: "1.11.4"}},
		{name: "tofu comes before the cache", tofu: other, cached: tofuSays, want: CLI{Name: OpenTofu, Version: "1.11.0"}},
		{name: "the cache is better than nothing", cached: tofuSays, want: CLI{Name: OpenTofu, Version: "1.12.6"}},
		{
			name: "one on PATH that is something else is passed over", terraform: wrapper, tofu: tofuSays,
			want: CLI{Name: OpenTofu, Version: "1.12.6"},
		},
		{name: "where none runs the error says why", terraform: wrapper, is: ErrNone, says: `answered "log on first`},
		{
			name: "a named one that is not there is an error, whatever else there is", terraform: terraformSays, named: "absent",
			is: os.ErrNotExist, says: PathVariable,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, cache := machine(t)
			named := filepath.Join(t.TempDir(), "mine")
			if tt.named != "" {
				t.Setenv(PathVariable, named)
			}
			for file, prints := range map[string]string{
				filepath.Join(path, "terraform"): tt.terraform, filepath.Join(path, "tofu"): tt.tofu, cache: tt.cached, named: tt.named,
			} {
				if prints != "" && prints != "absent" {
					command(t, filepath.Dir(file), filepath.Base(file), prints)
				}
			}
			got, err := Find(t.Context())
			if !errors.Is(err, tt.is) || (err != nil && !strings.Contains(err.Error(), tt.says)) {
				t.Fatalf("Find() = %+v, %v; want the error %v with %q", got, err, tt.is, tt.says)
			}
			if got.Name != tt.want.Name || got.Version != tt.want.Version || (err == nil && !filepath.IsAbs(got.Path)) {
				t.Errorf("Find() = %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestAllOfAMachineAreFound has an older Terraform on PATH, OpenTofu twice, and what the cache has.
func TestAllOfAMachineAreFound(t *testing.T) {
	path, cache := machine(t)
	t.Setenv(PathVariable, filepath.Join(path, "absent"))
	newest, err := cached("terraform-" + NewestTerraform)
	if err != nil {
		t.Fatal(err)
	}
	for file, prints := range map[string]string{
		filepath.Join(path, "terraform"): terraformSays, filepath.Join(path, "tofu"): tofuSays, cache: tofuSays, newest: `Terraform v1.15.5\n`,
	} {
		command(t, filepath.Dir(file), filepath.Base(file), prints)
	}
	want := []CLI{
		{Path: filepath.Join(path, "terraform"), Name: Terraform, Version: "1.11.4"},
		{Path: filepath.Join(path, "tofu"), Name: OpenTofu, Version: "1.12.6"},
		{Path: newest, Name: Terraform, Version: "1.15.5"},
	}
	if all := All(t.Context()); !slices.Equal(all, want) {
		t.Errorf("All() = %+v, want %+v", all, want)
	}
}

func TestABuildIsUsedOnceItIsWhole(t *testing.T) {
	_, cache := machine(t)
	command(t, t.TempDir(), "any", "") // skips where shell scripts do not run
	failed := func(context.Context, string) error { return errors.New("no space left on device") }
	noProgram := func(_ context.Context, target string) error { return os.WriteFile(target, nil, 0o600) }
	for _, compile := range []func(context.Context, string) error{failed, noProgram} {
		if cli, err := build(t.Context(), cache, compile); err == nil {
			t.Errorf("build() = %+v", cli)
		}
	}
	compile := func(_ context.Context, target string) error { return write(target, tofuSays) }
	for _, compile := range []func(context.Context, string) error{compile, failed} { // the second has nothing to do
		if cli, err := build(t.Context(), cache, compile); err != nil || cli.Path != cache || cli.Name != OpenTofu {
			t.Errorf("build() = %+v, %v", cli, err)
		}
	}
	if found, err := Find(t.Context()); err != nil || found.Path != cache {
		t.Errorf("Find() = %+v, %v", found, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(cache), "*")); err != nil || !slices.Equal(left, []string{cache}) {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheModuleBuildsTheVersionThatIsLookedFor(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "tools", "opentofu", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("github.com/opentofu/opentofu v"+OpenTofuVersion)) {
		t.Errorf("tools/opentofu does not require version %s", OpenTofuVersion)
	}
}

func TestTheNewestTerraformIsTheOneThatIsLookedFor(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "tools", "newest-terraform"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("/python-terraform\" "+NewestTerraform+" ")) {
		t.Errorf("tools/newest-terraform does not install version %s", NewestTerraform)
	}
}

func TestEnv(t *testing.T) {
	for _, name := range []string{"TF_LOG", "TF_CLI_ARGS_plan", "TF_REATTACH_PROVIDERS", "TF_VAR_x", "BITS_PASSWORD", "CHECKPOINT_DISABLE"} {
		t.Setenv(name, "leak")
	}
	t.Setenv("UNRELATED", "kept")
	env, cleanup, err := Env()
	if err != nil {
		t.Fatal(err)
	}
	var config string
	for _, variable := range env {
		if strings.Contains(variable, "leak") {
			t.Errorf("%s leaks in", variable)
		}
		if path, ok := strings.CutPrefix(variable, "TF_CLI_CONFIG_FILE="); ok {
			config = path
		}
	}
	for _, want := range []string{"UNRELATED=kept", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is not set", want)
		}
	}
	if text, err := os.ReadFile(config); err != nil || len(text) != 0 {
		t.Errorf("the CLI configuration %q holds %q, %v", config, text, err)
	}
	cleanup()
	if _, err := os.Stat(config); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the CLI configuration is left behind: %v", err)
	}
}

func TestQueries(t *testing.T) {
	for _, test := range []struct {
		cli  CLI
		want bool
	}{
		{CLI{Name: Terraform, Version: "1.11.4"}, false},
		{CLI{Name: Terraform, Version: "1.14.0-beta1"}, true},
		{CLI{Name: Terraform, Version: "1.15.5"}, true},
		{CLI{Name: Terraform, Version: "2.0.0"}, true},
		{CLI{Name: Terraform, Version: "dev"}, false},
		{CLI{Name: OpenTofu, Version: "1.14.0"}, false},
	} {
		if got := test.cli.Queries(); got != test.want {
			t.Errorf("%+v: %t", test.cli, got)
		}
	}
}

func TestTestingEnv(t *testing.T) {
	if env := (CLI{Path: "/bin/terraform", Name: Terraform}).TestingEnv(); len(env) != 1 || env[PathVariable] != "/bin/terraform" {
		t.Errorf("terraform needs %v", env)
	}
	env := CLI{Path: "/bin/tofu", Name: OpenTofu}.TestingEnv()
	if env[PathVariable] != "/bin/tofu" || env["TF_ACC_PROVIDER_HOST"] != "registry.opentofu.org" || env["TF_ACC_PROVIDER_NAMESPACE"] == "" {
		t.Errorf("tofu needs %v", env)
	}
}
