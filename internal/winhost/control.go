// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// maxBody bounds the JSON of a request.
const maxBody = 64 << 10

// controlAPI serves what an administrator could do on the hosts behind Terraform's back, for the loopback. Hosts are numbered from 0.
// It speaks JSON both ways, and answers 200, 400 for a request that makes no sense, 404 for what is unknown, and 409 with
// {"hresult","message"} when BITS refuses.
func controlAPI(hosts []*Host) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, sum(hosts)) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, unknown("there is no "+r.Method+" "+r.URL.Path))
	})
	for _, r := range routes() {
		mux.HandleFunc(r.method+" /hosts/{i}/"+r.path, on(hosts, r.answers))
	}
	return mux
}

// on answers with what a function does on the host of the path.
func on(hosts []*Host, answers func(*Host, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.PathValue("i"))
		if err != nil || i < 0 || i >= len(hosts) {
			fail(w, unknown("there is no host "+r.PathValue("i")))
			return
		}
		answer, err := answers(hosts[i], r)
		if err != nil {
			fail(w, err)
			return
		}
		write(w, http.StatusOK, answer)
	}
}

// done is the answer of a request without a result.
type done struct{}

// act makes a request of something that is done to a host.
func act(do func(*Host)) func(*Host, *http.Request) (any, error) {
	return func(h *Host, _ *http.Request) (any, error) {
		do(h)
		return done{}, nil
	}
}

// advance sets the host's clock forward.
func advance(h *Host, r *http.Request) (any, error) {
	var body struct {
		Advance string `json:"advance"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(body.Advance)
	if err != nil || d < 0 {
		return nil, badRequest(fmt.Sprintf(`"advance" is %q: a duration such as "24h" is expected`, body.Advance))
	}
	h.Clock.Advance(d)
	return struct {
		Now time.Time `json:"now"`
	}{h.Clock.Now()}, nil
}

// read reads the JSON of a request, which may be empty.
func read(r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil && decoder.More() {
		err = errors.New("there is more than one value")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return badRequest("the body is not the JSON that is expected: " + err.Error())
	}
	return nil
}

// write answers in JSON that people can read: the & of a URL stays one.
func write(w http.ResponseWriter, status int, answer any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// badRequest is what makes no sense; unknown is what is not there.
type (
	badRequest string
	unknown    string
)

func (e badRequest) Error() string { return string(e) }
func (e unknown) Error() string    { return string(e) }

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	answer := struct {
		HResult string `json:"hresult,omitempty"`
		Message string `json:"message"`
	}{Message: err.Error()}
	var (
		bad     badRequest
		missing unknown
		refusal *bits.Error
	)
	switch {
	case errors.As(err, &bad):
		status = http.StatusBadRequest
	case errors.As(err, &missing):
		status = http.StatusNotFound
	case errors.As(err, &refusal):
		status = http.StatusConflict
		if errors.Is(err, bits.ErrNotFound) || errors.Is(err, bits.ErrPathNotFound) {
			status = http.StatusNotFound
		}
		if refusal.HResult != 0 {
			answer.HResult = refusal.HResult.Hex()
		}
	}
	write(w, status, answer)
}

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
