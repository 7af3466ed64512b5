// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// query starts a list as Terraform does.
func (r *rig) query(limit int64, resources bool, config values) *tfprotov6.ListResourceServerStream {
	r.t.Helper()
	server := r.server.(tfprotov6.ListResourceServer)
	schemas, err := r.server.GetProviderSchema(r.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		r.t.Fatal(err)
	}
	typ := schemas.ListResourceSchemas["bits_job"].ValueType().(tftypes.Object)
	given := r.dynamic(typ, r.object(typ, config))
	valid, err := server.ValidateListResourceConfig(r.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: "bits_job", Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	if len(valid.Diagnostics) > 0 {
		return &tfprotov6.ListResourceServerStream{Results: slices.Values([]tfprotov6.ListResourceResult{{Diagnostics: valid.Diagnostics}})}
	}
	stream, err := server.ListResource(r.t.Context(), &tfprotov6.ListResourceRequest{TypeName: "bits_job", Config: given, IncludeResource: resources, Limit: limit})
	if err != nil {
		r.t.Fatal(err)
	}
	return stream
}

// queried returns the display names of all results, and the diagnostics.
func (r *rig) queried(limit int64, config values) (names []string, diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	for result := range r.query(limit, false, config).Results {
		diags = append(diags, result.Diagnostics...)
		if result.Identity != nil {
			names = append(names, result.DisplayName)
		}
	}
	r.noSecrets(diags)
	return names, diags
}

func texts(all ...string) tftypes.Value {
	var elements []tftypes.Value
	for _, s := range all {
		elements = append(elements, text(s))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
}

// hostsWith has hosts of their own with jobs, the oldest first: their states, by host.
func hostsWith(t *testing.T, states map[string][]bits.State) *rig {
	t.Helper()
	r := ready(t)
	r.others = map[string]*fakeHost{}
	for name, jobs := range states {
		h := newFakeHost()
		for i, state := range jobs {
			h.put(bits.Job{
				ID: bits.JobID(fmt.Sprintf("00000000-0000-4000-8000-%012d", i)), DisplayName: fmt.Sprintf("job %d", i), TransferType: bits.Download,
				Priority: bits.PriorityNormal, State: state, BytesTotal: new(uint64(200)), BytesTransferred: 99, CreatedAt: fakeNow.Add(time.Duration(i) * time.Second),
				Files: []bits.File{{RemoteName: "https://dl.example/p.cab", LocalName: `C:\t\p.cab`}}, Owner: bits.Owner{SID: fakeSID, Name: fakeOwner},
			})
		}
		r.others[name] = h
	}
	return r
}

func TestAQueryListsTheJobsOfItsHosts(t *testing.T) {
	states := map[string][]bits.State{
		"web01": {bits.StateQueued, bits.StateTransferred}, "web02": {bits.StateError}, "web03": {}, "web04": {bits.StateSuspended},
	}
	for _, test := range []struct {
		name   string
		config values
		limit  int64
		want   []string
		says   []string // of the one error
	}{
		{name: "the provider's host, by default", want: []string{"web01: job 0 (queued, 49 %)", "web01: job 1 (transferred, 100 %)"}},
		{
			name: "several hosts, in their order and each once", config: values{"hosts": texts("web04", "web03", "WEB01:5986", "web02", "Web04", "web01")},
			want: []string{"web04: job 0 (suspended, 49 %)", "web01: job 0 (queued, 49 %)", "web01: job 1 (transferred, 100 %)", "web02: job 0 (error, 49 %)"},
		},
		{
			name: "the jobs that match all filters", config: values{"hosts": texts("web01", "web02"), "state": text("error"), "display_name": text("JOB*")},
			want: []string{"web02: job 0 (error, 49 %)"},
		},
		{
			name: "not more than are asked for", limit: 2, config: values{"hosts": texts("web02", "web01", "web04")},
			want: []string{"web02: job 0 (error, 49 %)", "web01: job 0 (queued, 49 %)"},
		},
		{name: "no host at all", config: values{"hosts": texts()}, says: []string{"at least 1"}},
		{name: "what is not a host", config: values{"hosts": texts("https://web01")}, says: []string{"Invalid Host", "without scheme"}},
		{name: "a state that no listed job has", config: values{"state": text("acknowledged")}, says: []string{"state", `"transferred"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := hostsWith(t, states)
			names, diags := r.queried(test.limit, test.config)
			if !slices.Equal(names, test.want) {
				t.Errorf("it lists %q, want %q", names, test.want)
			}
			if test.says == nil {
				expectDiagnostic(t, diags, "")
				return
			}
			expectDiagnostic(t, diags, "ERROR", test.says...)
		})
	}
}

// TestAResultIsWhatAnImportOfTheJobHas compares both, and plans the configuration that Terraform generates from a result.
func TestAResultIsWhatAnImportOfTheJobHas(t *testing.T) {
	file := []bits.File{{RemoteName: "https://dl.example/p.cab", LocalName: `C:\t\p.cab`}}
	plain := bits.Job{ID: anID, DisplayName: "plain", TransferType: bits.Download, Priority: bits.PriorityNormal, Files: file}
	in := func(state bits.State) bits.Job {
		job := plain
		job.State = state
		return job
	}
	for _, test := range []struct {
		name string
		job  bits.Job
		plan string
	}{
		{"queued", in(bits.StateQueued), "none"},
		{"transferring", in(bits.StateTransferring), "none"},
		{"suspended", in(bits.StateSuspended), "none"},
		{"transferred: it is completed, as for any job", in(bits.StateTransferred), "update"},
		{"failed: it is resumed, as for any job", in(bits.StateError), "update"},
		{"rich", bits.Job{
			ID: anID, DisplayName: "rich\x1b", Description: "words", TransferType: bits.Upload, Priority: bits.PriorityForeground, State: bits.StateTransientError,
			Files: file, Owner: bits.Owner{SID: "S-1-5-18", Name: `NT AUTHORITY\SYSTEM`}, Error: &bits.JobError{HResult: 0x80190194}, CreatedAt: fakeNow,
			Properties: bits.Properties{
				MinimumRetryDelay: new(bits.Seconds(60)), ProxyUsage: new(bits.ProxyOverride), ProxyList: []string{"http://p:1"}, HTTPMethod: new("GET"),
				CustomHeaders: []bits.Secret{bits.NewSecret("X-Key: " + testPassword)}, SecurityFlags: []bits.SecurityFlag{"enable_crl_check"},
			},
		}, "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			r.host.put(test.job)
			results := slices.Collect(r.query(0, true, nil).Results)
			if len(results) != 1 || len(results[0].Diagnostics) > 0 || strings.ContainsRune(results[0].DisplayName, 0x1b) {
				t.Fatalf("the results are %+v", results)
			}
			imported, diags := r.imported(&tfprotov6.ImportResourceStateRequest{TypeName: "bits_job", Identity: results[0].Identity})
			if failed(diags) {
				t.Fatal(formatted(diags))
			}
			if got, err := results[0].Resource.Unmarshal(r.resource); err != nil || !got.Equal(imported.value) {
				t.Errorf("the result has %s, an import %s: %v", got, imported.value, err)
			}
			if !r.identityOf(results[0].Identity).Equal(r.identityOf(imported.identity)) {
				t.Errorf("the result has the identity %s", r.identityOf(results[0].Identity))
			}
			generated := maps.Clone(attributesOf(imported.value, nil))
			for _, computed := range []string{"id", "state", "owner", "error", "created_at", "completed_at"} {
				generated[computed] = tftypes.NewValue(r.resource.AttributeTypes[computed], nil)
			}
			if p := r.plan(imported, generated); p.action() != test.plan {
				t.Errorf("the plan is %s, want %s: %s", p.action(), test.plan, formatted(p.diags))
			}
		})
	}
}

// TestAHostThatIsDownLeavesTheOthers has hosts down: Terraform drops all results when it sees an error, and shows one of the warnings that
// have the same summary.
func TestAHostThatIsDownLeavesTheOthers(t *testing.T) {
	const down = "Unable to list the BITS jobs on "
	for _, test := range []struct {
		name     string
		hosts    []string
		provider values
		want     []string // hosts of the results
		severity string
		says     []string // of each diagnostic, one
	}{
		{
			name: "two of three, before and after the one that answers", hosts: []string{"down1", "web01", "down2"}, want: []string{"web01"},
			severity: "WARNING", says: []string{"Host Unreachable: down1: " + down + "down1", "Host Unreachable: down2: " + down + "down2"},
		},
		{name: "all of them", hosts: []string{"down1", "down2"}, severity: "ERROR", says: []string{": " + down + "down1", ": " + down + "down2"}},
		{name: "the only one", hosts: []string{"down1"}, severity: "ERROR", says: []string{`ERROR Host Unreachable: ` + down + "down1"}},
		{
			name: "all of them, and the provider goes on without them", hosts: []string{"down1", "down2"}, provider: values{"on_unreachable": text("warn")},
			severity: "WARNING", says: []string{"The list contains no jobs of this host", "The list contains no jobs of this host"},
		},
		{
			name: "a job that can't be read", hosts: []string{"odd", "web01"}, want: []string{"web01"}, severity: "WARNING",
			says: []string{`BITS Job Not Readable: odd: The list omits jobs`},
		},
		{
			name: "a host that shows the account its own jobs only", hosts: []string{"blind", "web01"}, want: []string{"web01"}, severity: "WARNING",
			says: []string{"Jobs Not Visible: blind"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := hostsWith(t, map[string][]bits.State{"web01": {bits.StateQueued}, "down1": nil, "down2": nil, "odd": nil, "blind": nil})
			r.mustConfigure(with(r.configured, test.provider))
			r.others["down1"].down(connection.Unreachable, false)
			r.others["down2"].down(connection.Unreachable, false)
			r.others["odd"].unread = []bits.UnreadJob{{ID: anID, Err: &bits.Error{Code: bits.CodeUnreadable, Step: "read:FileList"}}}
			r.others["blind"].blind = true
			names, diags := r.queried(0, values{"hosts": texts(test.hosts...), "all_users": yes()})
			var of []string
			for _, name := range names {
				host, _, _ := strings.Cut(name, ":")
				of = append(of, host)
			}
			if !slices.Equal(of, test.want) {
				t.Errorf("it lists jobs of %q, want %q", of, test.want)
			}
			if len(diags) != len(test.says) {
				t.Fatalf("want %d diagnostics, got: %s", len(test.says), formatted(diags))
			}
			for i, want := range test.says {
				expectDiagnostic(t, diags[i:i+1], test.severity, want)
			}
		})
	}
}

// TestAQueryOfManyJobsHoldsFewOfThem has a host with 5,000 jobs: what was sent is not kept, and what is not sent yet is not made.
func TestAQueryOfManyJobsHoldsFewOfThem(t *testing.T) {
	const jobs = 5000
	r := hostsWith(t, map[string][]bits.State{"web01": slices.Repeat([]bits.State{bits.StateQueued}, jobs)})
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, test := range []struct {
		resources bool
		last      int
	}{{false, jobs}, {true, jobs / 10}} { // a resource takes half a millisecond
		before, n := held(), 0
		for result := range r.query(jobs, test.resources, nil).Results {
			if len(result.Diagnostics) > 0 || result.Identity == nil || (result.Resource != nil) != test.resources {
				t.Fatalf("result %+v: %s", result, formatted(result.Diagnostics))
			}
			if n++; n == 1 || n == test.last {
				if grown := held() - before; grown > 16<<20 {
					t.Errorf("after %d jobs %d MB are held", n, grown>>20)
				}
			}
			if n == test.last && test.resources {
				break
			}
		}
		if n != test.last {
			t.Errorf("it lists %d jobs, want %d", n, test.last)
		}
	}
}

func TestHostsAreAskedAFewAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 3
		var all, got []int
		for i := range 10 {
			all = append(all, i)
		}
		var started, running atomic.Int64
		for n := range ahead(t.Context(), most, all, func(ctx context.Context, n int) int {
			started.Add(1)
			running.Add(1)
			defer running.Add(-1)
			if n > 7 { // does not answer
				<-ctx.Done()
			}
			return n
		}) {
			synctest.Wait()
			if started := started.Load(); started > int64(n+most) {
				t.Errorf("%d are asked when %d is seen", started, n)
			}
			if got = append(got, n); n == 7 {
				break
			}
		}
		if running.Load() != 0 || !slices.Equal(got, all[:8]) {
			t.Errorf("%d still run after %v", running.Load(), got)
		}
	})
}
