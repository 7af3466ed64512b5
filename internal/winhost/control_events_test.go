package winhost

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

func TestTheLogNamesWhoChangedAJob(t *testing.T) {
	r := newControlRig(t)
	id := string(r.job(t, r.hosts[0]))
	if status, body := r.ask(http.MethodPost, "/hosts/0/jobs/"+id+"/cancel", `{"by":"CORP\\ops"}`); status != http.StatusOK {
		t.Fatalf("cancel: %d %s", status, body)
	}
	status, body := r.ask(http.MethodGet, "/hosts/0/events", "")
	var events []machine.Event
	if err := json.Unmarshal([]byte(body), &events); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	var ids []int
	users := map[int]string{}
	for _, e := range events {
		ids = append(ids, e.ID)
		users[e.ID] = e.Fields[0].Value
		if !e.At.Equal(started) {
			t.Errorf("event %d is of %s, want the host's time %s", e.ID, e.At, started)
		}
	}
	if len(ids) != 3 || users[5] != `CORP\ops` || users[16384] != `CORP\ops` {
		t.Errorf("the events are %v by %v", ids, users)
	}
	if _, other := r.ask(http.MethodGet, "/hosts/1/events", ""); other != "[]" {
		t.Errorf("the other host's log has %s", other)
	}
}

func TestALogIsCleared(t *testing.T) {
	r := newControlRig(t)
	for _, body := range []string{`{"log":"Microsoft-Windows-Bits-Client/Operational"}`, ""} {
		r.job(t, r.hosts[0])
		if status, answer := r.ask(http.MethodPost, "/hosts/0/clear-log", body); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if _, events := r.ask(http.MethodGet, "/hosts/0/events", ""); events != "[]" {
			t.Errorf("after clearing %q the log has %s", body, events)
		}
	}
	if status, _ := r.ask(http.MethodPost, "/hosts/0/clear-log", `{"log":"Security"}`); status != http.StatusNotFound {
		t.Errorf("an unknown log: %d", status)
	}
}
