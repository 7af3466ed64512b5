// SPDX-License-Identifier: MPL-2.0

package job

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const (
	betweenLines = 5 * time.Second  // at least, in one state
	firstQuiet   = 30 * time.Second // without a change, until a line says so; doubled each time

	longestLeft = 90 * 24 * time.Hour // that is shown: BITS cancels a job after 90 days by default
)

// follower words how a job gets on that is waited for.
type follower struct {
	host string
	say  func(job bits.Job, line string)
	hold func(bits.Job) string

	last    bits.Job
	read    time.Time // when it was last; zero before
	rate    float64   // bytes per second between the last two reads
	changed bool      // since the last line
	said    time.Time
	moved   time.Time // when the last change was read
	quiet   time.Duration
}

// Follow returns a function that takes a job each time a wait reads it. At each change of the state, and every 5 s while bytes arrive, say
// gets a line for a person, such as "web01 nightly payload: 38 % of 80 MB, 2.4 MB/s, 20 s left, transferring". While nothing changes a line
// says so after 30 s, a minute and so on, with what hold knows of the cause; nil knows nothing.
func Follow(host string, say func(job bits.Job, line string), hold func(bits.Job) string) func(bits.Job) {
	f := &follower{host: host, say: say, hold: hold}
	return f.observe
}

func (f *follower) observe(job bits.Job) {
	now, had := time.Now(), f.last
	began := f.read.IsZero()
	if passed := now.Sub(f.read).Seconds(); !began && passed > 0 {
		f.rate = max(0, float64(job.BytesTransferred)-float64(had.BytesTransferred)) / passed
	}
	f.last, f.read = job, now
	moved := began || job.State != had.State
	if moved || job.BytesTransferred != had.BytesTransferred {
		f.changed, f.moved, f.quiet = true, now, firstQuiet
	}
	switch {
	case moved, f.changed && now.Sub(f.said) >= betweenLines:
		f.changed, f.said = false, now
		f.say(job, Line(f.host, job, f.words()))
	case now.Sub(f.moved) >= f.quiet:
		f.quiet, f.said = 2*f.quiet, now
		text := f.words() + ", unchanged for " + period(now.Sub(f.moved))
		if f.hold != nil {
			text += ". " + f.hold(job)
		}
		f.say(job, Line(f.host, job, strings.TrimSuffix(text, ". ")))
	}
}

// words is how far the job is, how fast it gets on, and its state with the cause of an error.
func (f *follower) words() string {
	job := f.last
	parts := []string{size(job.BytesTransferred)}
	if total := job.BytesTotal; total != nil && *total > 0 {
		parts[0] = fmt.Sprintf("%d %% of %s", uint64(100*(float64(job.BytesTransferred)/float64(*total))), size(*total))
	}
	if job.State == bits.StateTransferring && f.rate >= 1 {
		parts = append(parts, size(uint64(f.rate))+"/s")
		if total := job.BytesTotal; total != nil && *total > job.BytesTransferred {
			if left := float64(*total-job.BytesTransferred) / f.rate; left <= longestLeft.Seconds() {
				parts = append(parts, period(time.Duration(left*float64(time.Second)))+" left")
			}
		}
	}
	words := strings.Join(append(parts, StateWords(job)), ", ")
	if job.Error != nil {
		words += ": " + strings.TrimSuffix(report.DescribeCause(job), ".")
	}
	return words
}

// Line is a line for a person about a job, such as "web01 nightly payload: 38 % of 80 MB". Nothing in it controls a terminal, and secrets
// in URLs are hidden.
func Line(host string, job bits.Job, text string) string {
	name := cmp.Or(bits.QuotableName(job.DisplayName), string(job.ID))
	return bits.Printable(report.Redact(fmt.Sprintf("%s %s: %s", host, name, text)))
}

// StateWords is the state of a job in plain words.
func StateWords(job bits.Job) string { return strings.ReplaceAll(string(job.State), "_", " ") }

// SizeOf is the size of a job's files, or how much has been transferred while it is not known.
func SizeOf(job bits.Job) string {
	if job.BytesTotal != nil {
		return size(*job.BytesTotal)
	}
	return size(job.BytesTransferred)
}

// size words a number of bytes in decimal units, as rates of transfers are: 1 MB is 1,000,000 bytes.
func size(n uint64) string {
	value := float64(n)
	units := []string{"B", "kB", "MB", "GB", "TB"}
	for value >= 999.5 && len(units) > 1 {
		value, units = value/1000, units[1:]
	}
	digits := 0
	if value < 9.95 && units[0] != "B" {
		digits = 1
	}
	return strings.TrimSuffix(strconv.FormatFloat(value, 'f', digits, 64), ".0") + " " + units[0]
}

// period words a duration by its two largest units.
func period(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", (d+time.Second-1)/time.Second)
	case d < time.Hour:
		return twoUnits(d, time.Minute, "min", time.Second, "s")
	}
	return twoUnits(d, time.Hour, "h", time.Minute, "min")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	words := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		words += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return words
}
