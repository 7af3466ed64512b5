package standin

import (
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

var driveForm = regexp.MustCompile(`^[A-Za-z]:$`)

// needDrive checks the drive of a host operation, which may be left out.
func needDrive(op agent.Op) *agent.Error {
	if op.Drive != "" && !driveForm.MatchString(op.Drive) {
		return badOp(`"drive" is no drive such as C:`)
	}
	return nil
}

// state tells what the host is like.
func (o operations) state(op agent.Op) agent.HostState {
	service := o.host.Service
	s := agent.HostState{Now: stamp(o.host.Clock.Now())}
	if key, err := service.Registry(bitsvc.ServiceKey); err == nil {
		s.Start = startType(key)
	}
	if status, err := service.Status(); err == nil {
		word := strings.ToLower(status)
		s.Service = &word
	}
	if key, err := service.Registry(bitsvc.PolicyKey); err == nil {
		s.Policies = map[string]uint32{}
		maps.Copy(s.Policies, key)
	}
	if op.Drive != "" {
		if free, err := o.host.Drive.Free(op.Drive); err == nil {
			text := strconv.FormatUint(free, 10)
			s.FreeBytes = &text
		}
	}
	return s
}

// startType is how a service with such a key starts; nil when there is none.
func startType(key map[string]uint32) *string {
	word := ""
	switch key["Start"] {
	case 2:
		word = "automatic"
		if key["DelayedAutostart"] == 1 {
			word = "automatic_delayed"
		}
	case 3:
		word = "manual"
	case 4:
		word = "disabled"
	default:
		return nil
	}
	return &word
}
