package jobs

import (
	"errors"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// matches reports whether a job is what all filters ask for.
func (m *model) matches(job bits.Job) bool {
	asked := func(filter types.String, matches func(string) bool) bool {
		return filter.IsNull() || matches(filter.ValueString())
	}
	is := func(value string) func(string) bool { return func(filter string) bool { return filter == value } }
	return asked(m.ID, func(id string) bool { want, err := bits.ParseJobID(id); return err == nil && want == job.ID }) &&
		asked(m.DisplayName, func(pattern string) bool { return glob(pattern).MatchString(job.DisplayName) }) &&
		asked(m.State, is(string(job.State.Stage()))) &&
		asked(m.BITSState, is(string(job.State))) &&
		asked(m.Priority, is(string(job.Priority))) &&
		asked(m.Owner, func(owner string) bool {
			return strings.EqualFold(owner, job.Owner.SID) || strings.EqualFold(owner, job.Owner.Name)
		})
}

// glob compiles a pattern in which * stands for any characters, also none, and ? for one. Case does not matter.
func glob(pattern string) *regexp.Regexp {
	text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?is)\A` + text + `\z`)
}

// listedStages are the stages of jobs that BITS lists, and listedStates their exact states.
func listedStages() []bits.Stage {
	return []bits.Stage{bits.StagePending, bits.StageSuspended, bits.StageError, bits.StageTransferred}
}

func listedStates() []bits.State {
	var states []bits.State
	for _, s := range bits.States() {
		if !s.Final() {
			states = append(states, s)
		}
	}
	return states
}

var validJobID = attrs.Text("the GUID of a job", report.InvalidJobID, func(s string) error {
	_, err := bits.ParseJobID(s)
	return err
})

var validOwner = attrs.Text(`DOMAIN\name or a SID`, report.InvalidOwner, func(s string) error {
	if !ownerForm.MatchString(s) {
		return errors.New(`an owner is written as DOMAIN\name, such as CORP\ops or WEB01\svc-bits, or as a SID, such as S-1-5-18`)
	}
	return nil
})

var ownerForm = regexp.MustCompile(`(?i)\A(s-1(-[0-9]+){2,}|[^\\]+\\[^\\]+)\z`)
