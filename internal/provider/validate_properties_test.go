package provider

import "testing"

func TestPropertiesThatBITSRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		set  values
		at   string
		want string // part of the error; "" for none
	}{
		{"a delay of a minute", values{"minimum_retry_delay": text("60s")}, "", ""},
		{"a delay below a minute", values{"minimum_retry_delay": text("59s")}, "minimum_retry_delay", "BITS takes 1m0s and more"},
		{"no delay", values{"minimum_retry_delay": text("0s")}, "minimum_retry_delay", "too short"},
		{"a part of a second", values{"minimum_retry_delay": text("90.5s")}, "minimum_retry_delay", "whole number of seconds"},
		{"a number without a unit", values{"minimum_retry_delay": text("600")}, "minimum_retry_delay", "duration"},
		{"a time beyond 32 bits", values{"maximum_download_time": text("596523h14m8s")}, "maximum_download_time", "at most 2147483647"},
		{"the longest time", values{"maximum_download_time": text("596523h14m7s")}, "", ""},
		{"no time to download in", values{"maximum_download_time": text("0s")}, "maximum_download_time", "BITS takes 1s and more"},
		{"a negative timeout", values{"no_progress_timeout": text("-1s")}, "no_progress_timeout", "0s, or 1s and more"},
		{"no retry at all", values{"no_progress_timeout": text("0s"), "minimum_retry_delay": text("10m")}, "", ""},
		{"a timeout as long as the delay", values{"no_progress_timeout": text("600s"), "minimum_retry_delay": text("10m")}, "", ""},
		{"a timeout shorter than the delay", values{"no_progress_timeout": text("9m"), "minimum_retry_delay": text("10m")}, "no_progress_timeout", "shorter than minimum_retry_delay (10m)"},
		{"a timeout that is not known yet", values{"no_progress_timeout": unknownText(), "minimum_retry_delay": text("10m")}, "", ""},
		{"no network at all", values{"transfer_policy": textSet()}, "transfer_policy", "at least 1"},
		{"an unknown kind of network", values{"transfer_policy": textSet("cheap")}, "transfer_policy", `"not_roaming"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(test.set), test.at, test.want)
		})
	}
}
