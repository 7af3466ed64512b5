// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// watchedServer answers as a case wants and remembers what it was asked.
type watchedServer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
}

func watchServer(t *testing.T, answer http.HandlerFunc) *watchedServer {
	t.Helper()
	s := &watchedServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, q.Clone(q.Context()))
		s.mu.Unlock()
		answer(w, q)
	}))
	t.Cleanup(s.Close)
	return s
}

// requests lists what the server was asked, as METHOD path.
func (s *watchedServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, q := range s.seen {
		list = append(list, q.Method+" "+q.URL.Path)
	}
	return list
}

func (s *watchedServer) headers(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, q := range s.seen {
		list = append(list, strings.Join(q.Header.Values(name), "|"))
	}
	return list
}

// small serves a file of five bytes with all that BITS wants.
func small(w http.ResponseWriter, q *http.Request) {
	http.ServeContent(w, q, "a", began, strings.NewReader("12345"))
}

// fetch makes a job of one file with properties, lets it go, and waits for what comes of it.
func (r *rig) fetch(t *testing.T, address string, p bits.Properties, want bits.State) (bits.JobID, bits.Job) {
	t.Helper()
	id, err := r.CreateJob(anna, "a job", bits.Download)
	r.must(err)
	h, err := r.Open(anna, id)
	r.must(err)
	r.must(h.SetPriority(bits.PriorityForeground))
	r.must(h.SetProperties(p))
	file := r.file("")
	file.RemoteName = address
	r.must(h.AddFile(file))
	r.must(h.Resume())
	r.await(id, want)
	job, err := r.Job(anna, id)
	r.must(err)
	return id, job
}

func headers(list ...string) []bits.Secret {
	var out []bits.Secret
	for _, h := range list {
		out = append(out, bits.NewSecret(h))
	}
	return out
}

// Source: IBackgroundCopyJobHttpOptions::SetCustomHeaders, learn.microsoft.com.
func TestCustomHeadersGoWithEveryRequest(t *testing.T) {
	t.Parallel()
	s := watchServer(t, small)
	write := true
	newRig(t).fetch(t, s.URL+"/a", bits.Properties{
		CustomHeaders: headers("X-Build: 7", "X-Build:8", "Authorization: Bearer abc", "Accept: text/csv"), CustomHeadersWriteOnly: &write,
	}, bits.StateTransferred)
	for i, got := range s.headers("X-Build") {
		if got != "7|8" || s.headers("Authorization")[i] != "Bearer abc" || s.headers("Accept")[i] != "text/csv" {
			t.Errorf("request %d had X-Build %q", i, got)
		}
	}
	if n := len(s.requests()); n < 2 {
		t.Errorf("there were %d requests", n)
	}
}

// Source: test_HttpOptions of Wine's dlls/qmgr/tests/job.c, which runs on Windows, too.
func TestHeadersAndFlagsAreSetAndClearedBeforeAndAfterTheTransfer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.job(anna, bits.PriorityForeground, "/a?size=5")
	set := func(p bits.Properties, shown ...string) {
		t.Helper()
		r.must(r.Do(anna, id, func(h *Handle) error { return h.SetProperties(p) }))
		job, err := r.Job(anna, id)
		r.must(err)
		var got []string
		for _, h := range job.CustomHeaders {
			got = append(got, h.Reveal())
		}
		if !slices.Equal(got, shown) || len(job.SecurityFlags) > 0 {
			t.Errorf("%s: the job has the headers %q instead of %q, and the flags %v", job.State, got, shown, job.SecurityFlags)
		}
	}
	none := bits.Properties{CustomHeaders: []bits.Secret{}, SecurityFlags: []bits.SecurityFlag{}}
	set(none)
	set(bits.Properties{CustomHeaders: headers("Wine: test")}, "Wine: test")
	set(none)
	r.must(r.Resume(anna, id))
	r.await(id, bits.StateTransferred)
	set(none)
}

// Source: "Authentication" of BITS and IBackgroundCopyJob2::SetCredentials, learn.microsoft.com: a missing or wrong
// credential is a fatal error.
func TestACredentialIsShownToAServerThatAsks(t *testing.T) {
	t.Parallel()
	guarded := func(w http.ResponseWriter, q *http.Request) {
		if user, password, ok := q.BasicAuth(); !ok || user != `CORP\anna` || password != "pa:ss ü" {
			w.Header().Set("WWW-Authenticate", `Basic realm="files"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		small(w, q)
	}
	account := func(password string, scheme bits.AuthScheme) *bits.Credential {
		return &bits.Credential{Username: `CORP\anna`, Password: bits.NewSecret(password), Scheme: scheme}
	}
	for _, c := range []struct {
		name       string
		credential *bits.Credential
		want       bits.State
	}{
		{"the right one for Basic", account("pa:ss ü", bits.AuthBasic), bits.StateTransferred},
		{"a wrong password", account("pass", bits.AuthBasic), bits.StateError},
		{"none", nil, bits.StateError},
		{"one for a scheme that the server does not offer", account("pa:ss ü", bits.AuthNegotiate), bits.StateError},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := watchServer(t, guarded)
			_, job := newRig(t).fetch(t, s.URL+"/a", bits.Properties{Credential: c.credential}, c.want)
			if c.want == bits.StateError && job.Error.HResult != 0x80190191 {
				t.Errorf("the error is %s, want HTTP status 401", job.Error.HResult)
			}
			if first := s.headers("Authorization")[0]; first != "" {
				t.Errorf("the credential was shown unasked: %q", first)
			}
		})
	}
}

// Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com. A wildcard is the leftmost character of a pattern.
func TestAJobGoesThroughItsOwnProxy(t *testing.T) {
	t.Parallel()
	override := bits.ProxyOverride
	proxied := func(list, bypass []string) bits.Properties {
		return bits.Properties{ProxyUsage: &override, ProxyList: list, ProxyBypassList: bypass}
	}
	t.Run("with its credential", func(t *testing.T) {
		t.Parallel()
		proxy := watchServer(t, small)
		p := proxied([]string{"http=" + strings.TrimPrefix(proxy.URL, "http://")}, nil)
		p.ProxyCredential = &bits.Credential{Username: "u", Password: bits.NewSecret("p"), Scheme: bits.AuthBasic}
		newRig(t).fetch(t, "http://files.invalid/a", p, bits.StateTransferred)
		for _, got := range proxy.headers("Proxy-Authorization") {
			if got != "Basic dTpw" {
				t.Errorf("the proxy saw the credential %q", got)
			}
		}
	})
	t.Run("but not to what bypasses it", func(t *testing.T) {
		t.Parallel()
		proxy, s := watchServer(t, small), watchServer(t, small)
		newRig(t).fetch(t, s.URL+"/a", proxied([]string{proxy.URL}, []string{"*.corp.example", "*.0.0.1"}), bits.StateTransferred)
		if n := len(proxy.requests()); n > 0 {
			t.Errorf("the proxy saw %d requests", n)
		}
	})
	t.Run("a wildcard elsewhere bypasses nothing", func(t *testing.T) {
		t.Parallel()
		proxy, s := watchServer(t, small), watchServer(t, small)
		newRig(t).fetch(t, s.URL+"/a", proxied([]string{proxy.URL}, []string{"127.0.0.*"}), bits.StateTransferred)
		if n := len(proxy.requests()); n == 0 {
			t.Error("the proxy saw no request")
		}
	})
	t.Run("what the list holds shows when it is used", func(t *testing.T) {
		t.Parallel()
		_, job := newRig(t).fetch(t, "http://files.invalid/a", proxied([]string{"ftp://p"}, nil), bits.StateError)
		if job.Error.HResult != bgInvalidProxyInfo {
			t.Errorf("the error is %s", job.Error.HResult)
		}
	})
}

// Source: BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func TestContentMadeOnTheFlyNeedsADynamicJobInForeground(t *testing.T) {
	t.Parallel()
	made := func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		for range 3 {
			_, _ = io.WriteString(w, "piece ")
			_ = http.NewResponseController(w).Flush()
		}
	}
	r, yes, s := newRig(t), true, watchServer(t, made)
	_, job := r.fetch(t, s.URL+"/a", bits.Properties{}, bits.StateError)
	if job.Error.HResult != 0x80190195 { // HEAD is refused
		t.Errorf("an ordinary job stands at %s", job.Error.HResult)
	}
	id, job := r.fetch(t, s.URL+"/a", bits.Properties{Dynamic: &yes}, bits.StateTransferred)
	if job.BytesTotal == nil || *job.BytesTotal != 18 {
		t.Errorf("the job has %v bytes", job.BytesTotal)
	}
	_, err := r.Complete(anna, id)
	r.must(err)
	if got := r.content(job.Files[0].LocalName); got != "piece piece piece " {
		t.Errorf("the file holds %q", got)
	}
}

// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func TestAnotherMethodIsSent(t *testing.T) {
	t.Parallel()
	s, method := watchServer(t, small), "post"
	newRig(t).fetch(t, s.URL+"/a", bits.Properties{HTTPMethod: &method}, bits.StateTransferred)
	if got := fmt.Sprint(s.requests()); got != "[POST /a]" {
		t.Errorf("the server was asked %s", got)
	}
}

// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com: an error that others recover from puts such a job into
// ERROR, and dynamic content is not for it.
func TestAJobWithAnotherMethodRecoversFromNothing(t *testing.T) {
	t.Parallel()
	method, dynamic, static := "POST", true, false
	r := newRig(t)
	id, job := r.fetch(t, r.url+"/a?status=503", bits.Properties{HTTPMethod: &method, Dynamic: &static}, bits.StateError)
	if job.Error.HResult != 0x801901F7 {
		t.Errorf("the error is %s", job.Error.HResult)
	}
	r.Pause()
	r.must(r.Resume(anna, id))
	r.NetworkDown()
	r.fails(id, bgNoNetwork)
	for _, first := range []bits.Properties{{HTTPMethod: &method}, {Dynamic: &dynamic}} {
		id, err := r.CreateJob(anna, "a job", bits.Download)
		r.must(err)
		h, err := r.Open(anna, id)
		r.must(err)
		r.must(h.SetProperties(first))
		if got := code(t, h.SetProperties(bits.Properties{HTTPMethod: &method, Dynamic: &dynamic})); got != bgCustomMethod {
			t.Errorf("the second of them is %s", got)
		}
	}
}

// Source: IBackgroundCopyJobHttpOptions::SetSecurityFlags, learn.microsoft.com. It names the statuses and spells the code of one that is
// not followed HRESULT_FROM_WIN32(HTTP_STATUS_REDIRECT), where bitsmsg.h has BG_E_HTTP_ERROR_302.
func TestRedirectsFollowTheFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags []bits.SecurityFlag
		want  bits.State
		path  string // of the file's remote name afterwards
	}{
		{"silently by default", nil, bits.StateTransferred, "/old"},
		{"silently", []bits.SecurityFlag{"redirect_policy_allow_silent"}, bits.StateTransferred, "/old"},
		{"with the new name", []bits.SecurityFlag{"redirect_policy_allow_report"}, bits.StateTransferred, "/new"},
		{"not at all, with the name that was refused", []bits.SecurityFlag{"redirect_policy_disallow"}, bits.StateError, "/new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := watchServer(t, func(w http.ResponseWriter, q *http.Request) {
				if q.URL.Path == "/old" {
					http.Redirect(w, q, "/new", http.StatusFound)
					return
				}
				small(w, q)
			})
			_, job := newRig(t).fetch(t, s.URL+"/old", bits.Properties{SecurityFlags: c.flags}, c.want)
			remote, err := url.Parse(job.Files[0].RemoteName)
			if err != nil || remote.Path != c.path {
				t.Errorf("the file comes from %s, want %s", job.Files[0].RemoteName, c.path)
			}
			if c.want == bits.StateError && job.Error.HResult != 0x8019012E {
				t.Errorf("the error is %s", job.Error.HResult)
			}
		})
	}
}

// What this host does not support is an error, and never left out.
func TestCertificatesAreRefusedWhereTheyWouldMatter(t *testing.T) {
	t.Parallel()
	location, name, hash := bits.CertificateStoreLocation("users"), "MY", strings.Repeat("0a", 20)
	for _, p := range []bits.Properties{
		{SecurityFlags: []bits.SecurityFlag{"ignore_unknown_ca"}},
		{CertificateStoreLocation: &location, CertificateStoreName: &name, CertificateHash: &hash},
	} {
		if _, job := newRig(t).fetch(t, "https://files.invalid/a", p, bits.StateError); job.Error.HResult != eNotImpl {
			t.Errorf("the error is %s", job.Error.HResult)
		}
	}
}

// Source: IBackgroundCopyJob4::SetMaximumDownloadTime, learn.microsoft.com.
func TestAJobThatTakesTooLongIsInErrorAndAResumeBeginsAnew(t *testing.T) {
	t.Parallel()
	r, limit := newRig(t), bits.Seconds(100)
	id, err := r.CreateJob(anna, "a job", bits.Download)
	r.must(err)
	h, err := r.Open(anna, id)
	r.must(err)
	r.must(h.SetProperties(bits.Properties{MaximumDownloadTime: &limit}))
	r.must(h.AddFile(r.file(hang)))
	run := func() { r.must(h.Resume()); r.await(id, bits.StateConnecting) }
	run()
	r.clock.Advance(60 * time.Second)
	r.must(h.Suspend())
	r.clock.Advance(time.Hour) // which does not count
	run()
	r.clock.Advance(60 * time.Second) // the resume began anew
	r.await(id, bits.StateConnecting)
	r.Pause()
	r.clock.Advance(time.Hour) // queued, which does not count
	r.Run()
	r.await(id, bits.StateConnecting)
	r.clock.Advance(39 * time.Second)
	r.await(id, bits.StateConnecting)
	r.clock.Advance(2 * time.Second)
	r.await(id, bits.StateError)
	job, err := r.Job(anna, id)
	r.must(err)
	if job.Error.HResult != bgMaxDownloadTime {
		t.Errorf("the error is %s", job.Error.HResult)
	}
}

// Source: IBackgroundCopyJob::SetMinimumRetryDelay and ::SetNoProgressTimeout, learn.microsoft.com.
func TestRetriesFollowTheJobsTimes(t *testing.T) {
	t.Parallel()
	s := watchServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	r, delay, patience := newRig(t), bits.Seconds(60), bits.Seconds(150)
	id, _ := r.fetch(t, s.URL+"/a", bits.Properties{MinimumRetryDelay: &delay, NoProgressTimeout: &patience}, bits.StateTransientError)
	for try := 2; try <= 3; try++ {
		r.clock.Advance(59 * time.Second)
		if n := len(s.requests()); n != try-1 {
			t.Fatalf("after a second less than the delay there were %d requests", n)
		}
		r.clock.Advance(time.Second)
		for len(s.requests()) < try {
			r.until(id, func(bits.Job) bool { return len(s.requests()) >= try })
		}
		r.await(id, bits.StateTransientError)
	}
	r.clock.Advance(30 * time.Second)
	r.await(id, bits.StateError)
}
