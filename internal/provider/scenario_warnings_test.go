package provider_test

import (
	"net/http"
	"strings"
	"testing"
)

// folded expects that Terraform shows one warning for all that have this summary.
func (p printed) folded(summary string, others string) printed {
	p.t.Helper()
	if n := strings.Count(p.line, "Warning: "+summary); n != 1 {
		p.t.Errorf("%d warnings %q are shown, want one:\n%s", n, summary, p.text)
	}
	_, after, _ := strings.Cut(p.line, "Warning: "+summary)
	warning, _, _ := strings.Cut(after, "Warning: ")
	if !strings.Contains(warning, "(and "+others+" more similar warnings elsewhere)") {
		p.t.Errorf("the warning %q does not stand for %s others:\n%s", summary, others, p.text)
	}
	return p
}

// TestOperatorIsWarnedOncePerKind has each kind of trouble strike three jobs.
func TestOperatorIsWarnedOncePerKind(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	kinds := []string{"cancel", "complete", "fail", "wait"}
	config := ""
	for _, kind := range kinds {
		extra := ""
		if kind == "wait" {
			extra = "\n  wait_for_transfer = true\n  timeouts = { create = \"2s\", update = \"1m\" }"
		}
		config += "resource \"bits_job\" \"" + kind + "\" {\n" + lines(`count = 3`, `display_name = "`+kind+` ${count.index}"`,
			`files = [`+o.file(kind+"${count.index}.bin", "size=5")+`]`) + extra + "\n}\n"
	}
	o.write(config)
	o.apply().folded("Timeout", "2").folded("Destination Directory Open to Users", "11")
	o.run(2, "plan", "-detailed-exitcode").has("0 to add, 3 to change").lacks("tainted")
	for _, job := range o.jobs() {
		kind, _, _ := strings.Cut(job.DisplayName, " ")
		if kind != "wait" {
			o.call(http.MethodPost, "/hosts/0/jobs/"+job.ID+"/"+kind, map[string]string{"by": `CORP\ops`, "hresult": "0x80190194"}, nil)
		}
	}
	o.run(2, "plan", "-detailed-exitcode").has("3 to add, 9 to change, 3 to destroy").
		folded("BITS Job Was Completed", "2").folded("BITS Job Is Missing", "2").folded("BITS Job Failed", "2")
	o.do("run")
	o.apply()
	for _, job := range []string{"0", "1", "2"} {
		o.call(http.MethodDelete, `/hosts/0/files?path=C:%5Ct%5Cwait`+job+`.bin`, nil, nil)
	}
	o.run(0, "plan", "-target=bits_job.wait").folded("Files of a BITS Job Are Gone", "2")
	o.destroy()
}
