package provider_test

import (
	"net/http"
	"testing"
)

func TestOperatorDeletesAFileOfACompletedJob(t *testing.T) {
	t.Parallel()
	o := operate(t)
	declare := func(policy string) {
		o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`, `+o.file("b.bin", "size=6")+`]`, `wait_for_transfer = true`, `on_file_missing = "`+policy+`"`)
	}
	declare("warn")
	o.apply()
	o.costs(1, 0, o.planIsEmpty)
	o.call(http.MethodDelete, `/hosts/0/files?path=C:%5Ct%5Ca.bin`, nil, nil)
	o.run(0, "plan", "-detailed-exitcode").has("Warning: Files of a BITS Job Are Gone", `C:\t\a.bin`, "No changes.")
	declare("recreate")
	o.run(2, "plan", "-detailed-exitcode").has("Warning: Files of a BITS Job Are Gone", `~ state = "acknowledged" -> (known after apply) # forces replacement`, "1 to add, 0 to change, 1 to destroy")
	o.apply()
	if size, err := o.size(`C:\t\a.bin`); err != nil || size != 5 {
		t.Errorf("the file has %d bytes: %v", size, err)
	}
	o.planIsEmpty()
	o.destroy()
}
