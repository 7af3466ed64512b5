package provider_test

import (
	"net/http"
	"strings"
	"testing"
)

// hash gives the SHA-256 of a file on the host.
func (o *operator) hash(path string) string {
	o.t.Helper()
	var file struct {
		SHA256 string `json:"sha256"`
	}
	o.call(http.MethodGet, "/hosts/0/files?path="+strings.ReplaceAll(path, `\`, "%5C"), nil, &file)
	return file.SHA256
}

// TestOperatorExpectsTheContentOfAFile begins with a wrong hash, corrects it, and has somebody write into the file.
func TestOperatorExpectsTheContentOfAFile(t *testing.T) {
	t.Parallel()
	o := operate(t)
	declare := func(sha256 string, more ...string) {
		file := strings.Replace(o.file("a.bin", "size=5"), " }", `, sha256 = "`+sha256+`" }`, 1)
		o.declareJob(append(more, payload, `files = [`+file+`]`, `wait_for_transfer = true`)...)
	}
	wrong := strings.Repeat("0", 64)
	declare(wrong)
	apply := o.run(1, "apply", "-auto-approve")
	right := o.hash(`C:\t\a.bin`)
	apply.has("Error: SHA-256 Mismatch", `files[0].sha256: file C:\t\a.bin of job`, "has the SHA-256 "+right, wrong+" is expected", "terraform untaint ADDRESS")
	o.run(2, "plan", "-detailed-exitcode").has("is tainted", "1 to add, 0 to change, 1 to destroy")

	o.run(0, "untaint", address)
	declare(strings.ToUpper(right))
	o.run(2, "plan", "-detailed-exitcode").has("0 to add, 1 to change, 0 to destroy")
	o.apply()
	o.costs(1, 0, o.planIsEmpty)

	o.call(http.MethodPut, "/hosts/0/files?path=C:%5Ct%5Ca.bin", "other", nil)
	o.run(0, "plan", "-detailed-exitcode").has("Warning: SHA-256 Mismatch", `C:\t\a.bin has `+o.hash(`C:\t\a.bin`)+", and "+right+" is expected", "No changes.")
	declare(right, `on_file_missing = "recreate"`)
	o.run(2, "plan", "-detailed-exitcode").has("1 to add, 0 to change, 1 to destroy")
	o.apply()
	if got := o.hash(`C:\t\a.bin`); got != right {
		t.Errorf("the file has %s", got)
	}
	o.planIsEmpty()
	o.destroy()
}
