// SPDX-License-Identifier: MPL-2.0

package job

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// look is a job as a wait reads it, some time after the read before.
type look struct {
	after time.Duration
	state bits.State
	bytes uint64
}

// TestProgressLines is about what a person who waits for a job sees of it.
func TestProgressLines(t *testing.T) {
	const s = time.Second
	million := func(n uint64) *uint64 { n *= 1_000_000; return &n }
	for _, test := range []struct {
		name  string
		total *uint64
		looks []look
		want  []string // each begins with the seconds since the first read
	}{
		{
			name: "a transfer shows percent, rate and time left", total: million(80),
			looks: []look{{0, bits.StateQueued, 0}, {5 * s, bits.StateTransferring, 18_400_000}, {5 * s, bits.StateTransferring, 30_400_000}, {5 * s, bits.StateTransferred, 80_000_000}},
			want: []string{
				"0 s: 0 % of 80 MB, queued", "5 s: 23 % of 80 MB, 3.7 MB/s, 17 s left, transferring",
				"10 s: 38 % of 80 MB, 2.4 MB/s, 21 s left, transferring", "15 s: 100 % of 80 MB, transferred",
			},
		},
		{
			name: "a change of the state is shown at once, and bytes after 5 seconds", total: million(10),
			looks: []look{
				{0, bits.StateQueued, 0}, {1 * s, bits.StateConnecting, 0}, {1 * s, bits.StateTransferring, 1_000_000}, {1 * s, bits.StateTransferring, 2_000_000},
				{5 * s, bits.StateTransferring, 4_000_000},
			},
			want: []string{
				"0 s: 0 % of 10 MB, queued", "1 s: 0 % of 10 MB, connecting", "2 s: 10 % of 10 MB, 1 MB/s, 9 s left, transferring",
				"8 s: 40 % of 10 MB, 400 kB/s, 15 s left, transferring",
			},
		},
		{
			name: "bytes are shown later where the reads after them show no more", total: million(10),
			looks: []look{{0, bits.StateTransferring, 0}, {1 * s, bits.StateTransferring, 1_000_000}, {4 * s, bits.StateTransferring, 1_000_000}},
			want:  []string{"0 s: 0 % of 10 MB, transferring", "5 s: 10 % of 10 MB, transferring"},
		},
		{
			name:  "a size that is not known yet is left out",
			looks: []look{{0, bits.StateConnecting, 0}, {5 * s, bits.StateTransferring, 1_500_000}},
			want:  []string{"0 s: 0 B, connecting", "5 s: 1.5 MB, 300 kB/s, transferring"},
		},
		{
			name: "an empty file has no percent", total: million(0), looks: []look{{0, bits.StateConnecting, 0}},
			want: []string{"0 s: 0 B, connecting"},
		},
		{
			name: "a file that begins again has no negative rate", total: million(10),
			looks: []look{{0, bits.StateTransferring, 5_000_000}, {5 * s, bits.StateTransferring, 1_000_000}},
			want:  []string{"0 s: 50 % of 10 MB, transferring", "5 s: 10 % of 10 MB, transferring"},
		},
		{
			name: "a time left that means nothing is left out", total: million(50_000),
			looks: []look{{0, bits.StateTransferring, 0}, {5 * s, bits.StateTransferring, 5}},
			want:  []string{"0 s: 0 % of 50 GB, transferring", "5 s: 0 % of 50 GB, 1 B/s, transferring"},
		},
		{
			name: "a job that does not move says so after 30 s, 60 s and 120 s, with the cause", total: million(10),
			looks: slices.Concat([]look{{0, bits.StateQueued, 0}}, slices.Repeat([]look{{5 * s, bits.StateQueued, 0}}, 26)),
			want: []string{
				"0 s: 0 % of 10 MB, queued", "30 s: 0 % of 10 MB, queued, unchanged for 30 s. Because.",
				"1 min: 0 % of 10 MB, queued, unchanged for 1 min. Because.", "2 min: 0 % of 10 MB, queued, unchanged for 2 min. Because.",
			},
		},
		{
			name: "a job that moved again is quiet for 30 s before it says so again", total: million(10),
			looks: []look{{0, bits.StateQueued, 0}, {30 * s, bits.StateQueued, 0}, {5 * s, bits.StateTransferring, 1}, {29 * s, bits.StateTransferring, 1}, {1 * s, bits.StateTransferring, 1}},
			want: []string{
				"0 s: 0 % of 10 MB, queued", "30 s: 0 % of 10 MB, queued, unchanged for 30 s. Because.", "35 s: 0 % of 10 MB, transferring",
				"1 min 5 s: 0 % of 10 MB, transferring, unchanged for 30 s. Because.",
			},
		},
		{
			name: "an error that BITS retries shows its cause at once", total: million(10), looks: []look{{0, bits.StateTransientError, 0}},
			want: []string{"0 s: 0 % of 10 MB, transient error: ERROR_WINHTTP_NAME_NOT_RESOLVED (0x80072EE7): The name of the server, or of the proxy, was not found"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var lines []string
				follow := Follow("web01", func(_ bits.Job, line string) {
					rest, _ := strings.CutPrefix(line, "web01 nightly payload: ")
					lines = append(lines, period(time.Since(start).Truncate(s))+": "+rest)
				}, func(bits.Job) string { return "Because." })
				for _, look := range test.looks {
					<-time.After(look.after)
					job := bits.Job{DisplayName: "nightly payload", State: look.state, BytesTransferred: look.bytes, BytesTotal: test.total}
					if look.state == bits.StateTransientError {
						job.Error = &bits.JobError{HResult: 0x80072EE7}
					}
					follow(job)
				}
				if diff := cmp.Diff(test.want, lines); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestAnApplyThatWaitsLogsItsProgress is about what TF_LOG_PROVIDER=INFO shows of a resource.
func TestAnApplyThatWaitsLogsItsProgress(t *testing.T) {
	var log bytes.Buffer
	size := uint64(1 << 20)
	logProgress(tflogtest.RootLogger(t.Context(), &log), "web01")(bits.Job{ID: "id", DisplayName: "nightly payload", State: bits.StateQueued, BytesTotal: &size})
	lines, err := tflogtest.MultilineJSONDecode(&log)
	if err != nil || len(lines) != 1 || lines[0]["@level"] != "info" || lines[0]["@message"] != "web01 nightly payload: 0 % of 1 MB, queued" || lines[0]["job"] != "id" {
		t.Errorf("the log has %v, %v", lines, err)
	}
}

func TestALineOfProgressIsHarmless(t *testing.T) {
	got := Line("web01", bits.Job{ID: "id", DisplayName: "a\x1b[31m\nb"}, "at https://u:p@dl.example/a?sig=1\x07")
	if want := "web01 a\ufffd[31m\ufffdb: at https://(hidden)@dl.example/a?(hidden)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Line("web01", bits.Job{ID: "id"}, "x"); got != "web01 id: x" {
		t.Errorf("without a name: %q", got)
	}
}

func TestSizesAreInDecimalUnits(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "1 kB", 2_440_000: "2.4 MB", 9_940_000: "9.9 MB", 9_950_000: "10 MB", 80_000_000: "80 MB",
		999_499_999: "999 MB", 999_500_000: "1 GB", 1_500_000_000_000: "1.5 TB", 20_000_000_000_000_000: "20000 TB",
	} {
		if got := size(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}

func TestPeriodsHaveTwoUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 100 * time.Millisecond: "1 s", 59 * time.Second: "59 s", 90 * time.Second: "1 min 30 s", 599 * time.Second: "9 min 59 s",
		10 * time.Minute: "10 min", 125 * time.Minute: "2 h 5 min", 100 * time.Hour: "100 h", time.Minute - 1: "60 s",
	} {
		if got := period(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
