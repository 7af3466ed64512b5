package job

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestLocalNames(t *testing.T) {
	for _, test := range []struct {
		name  string
		local string
		want  string // part of the error; "" for none
	}{
		{"a path with a drive", `C:\ProgramData\Acme\p.cab`, ""},
		{"a file in the root of a drive", `d:\p.cab`, ""},
		{"a path of a share", `\\files01\pub\in\p.cab`, ""},
		{"spaces, dots, brackets and letters of any language", `C:\Program Files\Ünï.cö\[1] p.cab`, ""},
		{"259 characters", `C:\` + strings.Repeat("a", 256), ""},
		{"260 characters", `C:\` + strings.Repeat("a", 257), "at most 259"},
		{"260 UTF-16 code units in 132 characters", `C:\a` + strings.Repeat("😀", 128), "and this one has 260"},
		{"nothing", "", "can't be empty"},
		{"a relative path", `Acme\p.cab`, "not a full path"},
		{"a path relative to a drive's directory", `C:p.cab`, "not a full path"},
		{"a path relative to the current drive", `\t\p.cab`, "not a full path"},
		{"a variable", `%ProgramData%\p.cab`, "not a full path"},
		{"slashes", `C:/t/p.cab`, "backslashes"},
		{"a long-path prefix", `\\?\C:\t\p.cab`, `begin with \\?\`},
		{"a device prefix", `\\.\C:\t\p.cab`, `begin with \\.\`},
		{"a directory", `C:\t\`, "name a file"},
		{"a drive", `C:\`, "name a file"},
		{"a share", `\\files01\pub`, `\\server\share\file`},
		{"two backslashes", `C:\t\\p.cab`, "two in a row"},
		{"a parent directory", `C:\t\..\p.cab`, `".."`},
		{"a star", `C:\t\*.cab`, "wildcard"},
		{"a question mark", `C:\t\p?.cab`, "wildcard"},
		{"a stream", `C:\t\p.cab:zone`, "streams"},
		{"a device", `C:\t\con`, "means a device"},
		{"a device with an extension", `C:\t\Lpt1.cab`, "means a device"},
		{"a device for a directory", `C:\NUL\p.cab`, "means a device"},
		{"a name that begins as a device's", `C:\t\console.cab`, ""},
		{"a quote", `C:\t\p".cab`, "no file name on Windows"},
		{"a control character", "C:\\t\\p\n.cab", "no file name on Windows"},
		{"a dot at the end", `C:\t\p.cab.`, "dot or a space"},
		{"a space at the end of a directory", `C:\t \p.cab`, "dot or a space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(values{"files": fileList("https://dl.example/p.cab", test.local)}), "local_name", test.want)
		})
	}
}

func TestRemoteNames(t *testing.T) {
	for _, test := range []struct {
		name   string
		remote string
		want   string
	}{
		{"https", "https://dl.example/p.cab", ""},
		{"http with a port and a query", "HTTP://dl.example:8080/p.cab?sig=a%20b&x=1", ""},
		{"an address", "http://[2001:db8::1]/p.cab", ""},
		{"a share", `\\files01\pub\p.cab`, ""},
		{"a file URL", "file://files01/pub/p.cab", ""},
		{"a path with a drive", `Z:\p.cab`, ""},
		{"2200 characters", "https://dl.example/" + strings.Repeat("abcdefghi/", 218) + "a", ""},
		{"2201 characters", "https://dl.example/" + strings.Repeat("abcdefghi/", 218) + "ab", "at most 2200"},
		{"a long segment", "https://dl.example/" + strings.Repeat("a", 261), "at most 260"},
		{"nothing", "", "nothing that BITS transfers"},
		{"ftp", "ftp://dl.example/p.cab", "nothing that BITS transfers"},
		{"no scheme", "dl.example/p.cab", "nothing that BITS transfers"},
		{"no host", "https:///p.cab", "names no host"},
		{"a space", "https://dl.example/a b.cab", "percent-encoded"},
		{"a letter outside ASCII", "https://dl.example/ü.cab", "percent-encoded"},
		{"a port that no host has", "https://dl.example:65536/p.cab", "1 to 65535"},
		{"a bad escape", "https://dl.example/%zz", "two hexadecimal digits"},
		{"user and password", "https://bob:" + testPassword + "@dl.example/p.cab", "user and password"},
		{"a wildcard in a share", `\\files01\pub\*.cab`, "wildcard"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(values{"files": fileList(test.remote, `C:\t\p.cab`)}), "remote_name", test.want)
		})
	}
}

func TestOtherAttributes(t *testing.T) {
	emoji := strings.Repeat("😀", 128)
	for _, test := range []struct {
		name   string
		config values
		at     string
		want   string
	}{
		{"any characters in a display name", values{"display_name": text("a\"b'c$(x)`\n😀")}, "display_name", ""},
		{"256 UTF-16 code units", values{"display_name": text(emoji)}, "display_name", ""},
		{"257 UTF-16 code units", values{"display_name": text(emoji + "a")}, "display_name", "this one has 257"},
		{"an empty display name", values{"display_name": text("")}, "display_name", "can't be empty"},
		{"a NUL in a display name", values{"display_name": text("a\x00b")}, "display_name", "U+0000"},
		{"the name of a pending job", values{"display_name": text("terraform-provider-bits pending 0")}, "display_name", "can't begin with"},
		{"a description of 1024 units", values{"description": text(strings.Repeat(emoji, 4))}, "description", ""},
		{"a description of 1025 units", values{"description": text(strings.Repeat(emoji, 4) + "a")}, "description", "at most 1024"},
		{"an empty description", values{"description": text("")}, "description", ""},
		{"a priority that BITS does not have", values{"priority": text("urgent")}, "priority", `"foreground" "high" "normal" "low"`},
		{"a priority in capitals", values{"priority": text("High")}, "priority", "must be one of"},
		{"a transfer type that is not offered", values{"transfer_type": text("upload_reply")}, "transfer_type", `"download" "upload"`},
		{"no files", values{"files": fileList()}, "files", "at least 1"},
		{"the same local name twice, in another case", values{"files": fileList(urlA, `C:\t\p.cab`, urlB, `c:\T\P.CAB`)}, "local_name", "same file as that of files[0]"},
		{"an upload of two files", values{"transfer_type": text("upload"), "files": fileList(urlA, pathA, urlB, pathB)}, "files", "exactly one file"},
		{"waiting for a suspended job", values{"suspended": yes(), "wait_for_transfer": yes()}, "wait_for_transfer", "never transfers"},
		{"a host with a scheme", values{"host": text("https://web01")}, "host", "without scheme"},
		{"a host with a bad port", values{"host": text("web01:0")}, "host", "1 to 65535"},
		{"a timeout that is no duration", values{"timeouts": timeoutsOf("soon")}, "timeouts", "unit suffix"},
		{"a timeout of no time", values{"timeouts": timeoutsOf("0s")}, "timeouts", "longer than 0s"},
		{"a timeout that was over before", values{"timeouts": timeoutsOf("-1m")}, "timeouts", "longer than 0s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkOne(t, newRig(t), jobConfig(test.config), test.at, test.want)
		})
	}
}

// checkOne validates a configuration and expects one complaint about one attribute, or none.
func checkOne(t *testing.T, r *rig, config values, at, want string) {
	t.Helper()
	diags := r.validate(config)
	r.noSecrets(diags)
	if want == "" {
		if len(diags) > 0 {
			t.Fatalf("refused: %s", formatted(diags))
		}
		return
	}
	if len(diags) == 0 {
		t.Fatal("accepted")
	}
	if got := diags[0].Attribute.String(); !strings.Contains(got, `"`+at+`"`) {
		t.Errorf("the complaint is about %s, not %s", got, at)
	}
	if !strings.Contains(formatted(diags), want) {
		t.Errorf("%q is missing in: %s", want, formatted(diags))
	}
	for _, d := range diags { // a CLI does not tell which element of a list it is about
		if strings.Contains(d.Attribute.String(), "ElementKeyInt") && !strings.Contains(d.Detail, "files[") && !strings.Contains(d.Detail, "list[") {
			t.Errorf("%q does not say which element it is", d.Detail)
		}
	}
}

func TestUnknownValuesNeverFailValidation(t *testing.T) {
	r := newRig(t)
	for name, typ := range r.resource.AttributeTypes {
		if !configurable(name) {
			continue
		}
		config := jobConfig(nil)
		config[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
		if diags := r.validate(config); len(diags) > 0 {
			t.Errorf("unknown %s: %s", name, formatted(diags))
		}
	}
	if diags := r.validate(jobConfig(values{"files": unknownFile("", "", "", "")})); len(diags) > 0 {
		t.Errorf("unknown files: %s", formatted(diags))
	}
	for name, typ := range r.provider.AttributeTypes {
		if diags := r.validateProvider(values{name: tftypes.NewValue(typ, tftypes.UnknownValue)}); len(diags) > 0 {
			t.Errorf("unknown %s of the provider: %s", name, formatted(diags))
		}
	}
}

func configurable(name string) bool {
	switch name {
	case "id", "state", "owner", "error", "created_at", "completed_at":
		return false
	}
	return true
}
