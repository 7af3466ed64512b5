// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// admin is an administrator at the simulated host: what it does happens behind Terraform's back.
type admin struct {
	name string // of the host
	url  string // of the host's part of the control API
}

// transferred returns the bytes of a job that have arrived.
func transferred(j winhost.Job) (bytes uint64) {
	for _, f := range j.Files {
		bytes += f.BytesTransferred
	}
	return bytes
}

// call makes a request of the host's control API.
func (a admin) call(ctx context.Context, method, path string, body, answer any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s %s: %w", method, path, err)
		}
	}()
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the host answered %s: %s", resp.Status, text)
	}
	return json.Unmarshal(text, answer)
}
