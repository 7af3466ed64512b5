package machine

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// durationForm is xs:duration without years and months, which neither WinRM nor the Task Scheduler uses here.
var durationForm = regexp.MustCompile(`^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// maxDuration is the longest time that WinRM's settings can hold: 0x7FFFFFFF ms.
const maxDuration = math.MaxInt32 * time.Millisecond

// ParseDuration reads an xs:duration such as PT20S or P0DT0H3M0.5S. Longer ones than WinRM can hold are cut.
func ParseDuration(s string) (time.Duration, error) {
	parts := durationForm.FindStringSubmatch(s)
	if parts == nil || s[len(s)-1] == 'P' || s[len(s)-1] == 'T' {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	var seconds float64
	for i, unit := range []float64{86400, 3600, 60, 1} {
		if parts[i+2] == "" {
			continue
		}
		n, err := strconv.ParseFloat(parts[i+2], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration: %w", s, err)
		}
		seconds += n * unit
	}
	if parts[1] != "" {
		seconds = -seconds
	}
	if seconds >= maxDuration.Seconds() {
		return maxDuration, nil
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
