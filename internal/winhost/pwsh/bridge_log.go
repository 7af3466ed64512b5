// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The queries that the event log of a simulated host understands: everything, or BITS' events of some numbers since a
// time. Source: "Consuming Events" (XPath 1.0 subset), learn.microsoft.com.
var (
	queryOfBITS = regexp.MustCompile(`^\*\[System\[Provider\[@Name='Microsoft-Windows-Bits-Client'\] and ` +
		`\((EventID=\d+(?: or EventID=\d+)*)\)(?: and TimeCreated\[@SystemTime>='([0-9TZ:.-]+)'\])?\]\]$`)
	queryNumber = regexp.MustCompile(`\d+`)
)

// logCode is the result that Windows returns when a log can't be read.
func logCode(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, machine.ErrNoLog):
		return &bits.Error{HResult: 0x80073A9F, Text: err.Error()} // ERROR_EVT_CHANNEL_NOT_FOUND
	}
	return &bits.Error{HResult: 0x80070005, Text: err.Error()} // E_ACCESSDENIED
}

// query reads an XPath.
func query(path string) (machine.EventQuery, error) {
	parts := queryOfBITS.FindStringSubmatch(path)
	if parts == nil {
		return machine.EventQuery{}, fmt.Errorf("the specified query is invalid: %s", path)
	}
	var q machine.EventQuery
	for _, digits := range queryNumber.FindAllString(parts[1], -1) {
		id, err := strconv.Atoi(digits)
		if err != nil {
			return q, fmt.Errorf("the specified query is invalid: %w", err)
		}
		q.IDs = append(q.IDs, id)
	}
	if parts[2] == "" {
		return q, nil
	}
	var err error
	if q.Since, err = time.Parse(time.RFC3339, parts[2]); err != nil {
		return q, fmt.Errorf("the specified query is invalid: %w", err)
	}
	return q, nil
}

// events reads records as XML.
func (d *bridge) events(c call) (answer, error) {
	q, err := query(c.Text)
	if err != nil {
		return answer{}, err
	}
	q.AtMost = c.AtMost
	found, err := d.service.Log().Read(c.Log, q)
	var a answer
	for _, e := range found {
		a.IDs = append(a.IDs, text(e.XML()))
	}
	return a, logCode(err)
}
