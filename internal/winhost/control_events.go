package winhost

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// logs are the event logs by the names that requests may use.
var logs = []string{machine.OperationalLog, machine.SystemLog}

// events lists what BITS wrote to the event logs, the oldest first in each.
func events(h *Host, _ *http.Request) (any, error) {
	list := []machine.Event{}
	for _, log := range logs {
		found, err := h.BITS.Log().Read(log, machine.EventQuery{Oldest: true})
		if err != nil {
			return nil, fmt.Errorf("read the log %s: %w", log, err)
		}
		list = append(list, found...)
	}
	return list, nil
}

// clearLog empties one log, or both.
func clearLog(h *Host, r *http.Request) (any, error) {
	var body struct {
		Log string `json:"log"` // "": both
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Log != "" && !slices.Contains(logs, body.Log) {
		return nil, unknown("there is no log " + body.Log)
	}
	for _, log := range logs {
		if body.Log == "" || body.Log == log {
			h.BITS.Log().Clear(log)
		}
	}
	return done{}, nil
}
