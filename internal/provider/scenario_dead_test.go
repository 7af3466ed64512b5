package provider_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// onSilence has something done while the host accepts connections and never answers, and expects it to be dialled once.
func (o *operator) onSilence(do func()) {
	o.t.Helper()
	alive := o.env
	port, connections := silentHost(o.t)
	o.env = slices.Concat(alive, []string{"BITS_PORT=" + port, "BITS_CONNECT_TIMEOUT=1s"})
	do()
	o.env = alive
	if n := connections(); n != 1 {
		o.t.Errorf("the host was dialled %d times, want once", n)
	}
}

// oneOf expects so many errors, one message that tells all of it, and references to it in the others.
func (p printed) oneOf(errors int) {
	p.t.Helper()
	full := strings.Count(p.line, "accepted the connection and did not answer within 1s")
	if n := strings.Count(p.line, "Error: Host Does Not Answer"); n != errors || full != 1 {
		p.t.Errorf("%d errors, want %d, and %d messages that tell all of it, want one:\n%s", n, errors, full, p.text)
	}
	if short := strings.Count(p.line, "The first resource that needed it has the full error."); short < errors-1 {
		p.t.Errorf("%d references to the message that tells all of it:\n%s", short, p.text)
	}
}

// TestOperatorLosesAHostOfManyJobs has a host die under completed and unfinished jobs: that costs one timeout, one error
// tells all of it, nothing is dropped from the state, and the completed jobs are destroyed without the host.
func TestOperatorLosesAHostOfManyJobs(t *testing.T) {
	t.Parallel()
	o := operate(t)
	const done, open = 25, 50
	o.write("resource \"bits_job\" \"done\" {\n" + lines(`count = `+strconv.Itoa(done), `display_name = "done ${count.index}"`, `wait_for_transfer = true`,
		`files = [`+o.file("${count.index}.bin", "size=5")+`]`) + "\n}\n" +
		"resource \"bits_job\" \"open\" {\n" + lines(`count = `+strconv.Itoa(open), `display_name = "open ${count.index}"`, `suspended = true`,
		`files = [`+o.file("open${count.index}.bin", "size=5")+`]`) + "\n}\n")
	keeps := func(want int) {
		t.Helper()
		if n := len(strings.Fields(o.run(0, "state", "list").line)); n != want {
			t.Errorf("the state has %d jobs, want %d", n, want)
		}
	}
	o.run(0, "apply", "-auto-approve", "-parallelism=10")
	o.onSilence(func() {
		o.run(1, "plan", "-parallelism=10").has("Warning: Files of a BITS Job Not Looked At", "more similar warnings elsewhere").oneOf(open)
	})
	keeps(done + open)
	o.onSilence(func() { o.run(1, "plan", "-parallelism=10", "-target=bits_job.open").oneOf(open) })
	o.onSilence(func() {
		o.run(0, "destroy", "-auto-approve", "-parallelism=10", "-target=bits_job.done[0]").has("1 destroyed")
	})
	keeps(done - 1 + open)
	o.onSilence(func() {
		o.run(1, "destroy", "-auto-approve", "-parallelism=10", "-refresh=false").has("removed { from = ADDRESS lifecycle { destroy = false } }").oneOf(open)
	})
	keeps(open)
	o.destroy()
}
