package provider

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// TestOperatorLosesAHostOfManyJobs has a host die under completed and unfinished jobs: nothing is dropped from the state,
// one error tells all of it, and the completed jobs are destroyed without the host.
func TestOperatorLosesAHostOfManyJobs(t *testing.T) {
	t.Parallel()
	o := operate(t)
	const many = 25
	declare := func(pending bool) {
		config := "resource \"bits_job\" \"done\" {\n" + lines(`count = `+strconv.Itoa(many), `display_name = "done ${count.index}"`, `wait_for_transfer = true`,
			`files = [`+o.file("${count.index}.bin", "size=5")+`]`) + "\n}\n"
		if pending {
			config += "resource \"bits_job\" \"open\" {\n" + lines(`count = `+strconv.Itoa(many), `display_name = "open ${count.index}"`, `suspended = true`,
				`files = [`+o.file("open${count.index}.bin", "size=5")+`]`) + "\n}\n"
		}
		o.write(config)
	}
	declare(true)
	o.apply()
	alive := o.env
	o.env = slices.Concat(alive, []string{"BITS_PORT=" + closedPort(t)})
	plan := o.run(1, "plan").has("Error: Host Unreachable", "Warning: Files of a BITS Job Not Looked At", "terraform state rm ADDRESS")
	if n := strings.Count(plan.line, "Error: "); n != many {
		t.Errorf("%d errors for %d jobs:\n%s", n, many, plan.text)
	}
	if full := strings.Count(plan.line, "winrm quickconfig"); full != 1 {
		t.Errorf("%d messages tell all of it", full)
	}
	if n := len(strings.Fields(o.run(0, "state", "list").line)); n != 2*many {
		t.Errorf("the state has %d jobs, want %d", n, 2*many)
	}
	o.run(0, "destroy", "-auto-approve", "-target=bits_job.done").has(strconv.Itoa(many) + " destroyed")
	o.env = alive
	o.destroy()
}
