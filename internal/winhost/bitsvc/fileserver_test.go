// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestEveryPathIsAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(FileServer())
	t.Cleanup(server.Close)
	for _, c := range []struct {
		name, method, path, ranged string
		status                     int
		length                     int64 // of the header; -1: none
		body                       string
	}{
		{name: "a file has a megabyte", method: "GET", path: "/a", status: 200, length: DefaultFileSize, body: FileSHA256("/a", DefaultFileSize)},
		{name: "a file has the size asked for", method: "GET", path: "/a/b.cab?size=1000", status: 200, length: 1000, body: FileSHA256("/a/b.cab", 1000)},
		{name: "an empty file", method: "GET", path: "/a?size=0", status: 200, length: 0, body: FileSHA256("/a", 0)},
		{name: "HEAD returns the size", method: "HEAD", path: "/a?size=10", status: 200, length: 10, body: FileSHA256("/a", 0)},
		{name: "a range", method: "GET", path: "/a?size=10", ranged: "bytes=4-", status: 206, length: 6},
		{name: "no ranges", method: "GET", path: "/a?size=10&norange=1", ranged: "bytes=4-", status: 200, length: 10, body: FileSHA256("/a", 10)},
		{name: "no length", method: "GET", path: "/a?size=10&nolength=1", status: 200, length: -1, body: FileSHA256("/a", 10)},
		{name: "no length for HEAD", method: "HEAD", path: "/a?size=10&nolength=1", status: 200, length: -1, body: FileSHA256("/a", 0)},
		{name: "a status for HEAD", method: "HEAD", path: "/a?headstatus=403", status: 403, length: -2},
		{name: "which GET does not get", method: "GET", path: "/a?headstatus=403&size=10", status: 200, length: 10},
		{name: "a redirect", method: "GET", path: "/a?redirect=/b%3Fsize=7", status: 200, length: 7, body: FileSHA256("/b", 7)},
		{name: "HEAD of a file that grows", method: "HEAD", path: "/a?size=10&grow=5", status: 200, length: 10},
		{name: "GET of a file that grows", method: "GET", path: "/a?size=10&grow=5", status: 200, length: 15, body: FileSHA256("/a", 15)},
		{name: "more than is cut off", method: "GET", path: "/a?size=10&cut=10", status: 200, length: 10, body: FileSHA256("/a", 10)},
		{name: "a status", method: "GET", path: "/a?status=404", status: 404, length: -2},
		{name: "a rate", method: "GET", path: "/a?size=1000&rate=100000000", status: 200, length: 1000, body: FileSHA256("/a", 1000)},
		{name: "a size that is none", method: "GET", path: "/a?size=x", status: 400, length: -2},
		{name: "a status that is none", method: "GET", path: "/a?headstatus=7", status: 400, length: -2},
		{name: "other methods", method: "PUT", path: "/a", status: 405, length: -2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.ranged != "" {
				req.Header.Set("Range", c.ranged)
			}
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			digest := sha256.New()
			if _, err := io.Copy(digest, resp.Body); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.status || c.length > -2 && resp.ContentLength != c.length {
				t.Errorf("status %d with %d bytes", resp.StatusCode, resp.ContentLength)
			}
			if got := hex.EncodeToString(digest.Sum(nil)); c.body != "" && got != c.body {
				t.Errorf("the bytes are others")
			}
			if c.status == 200 && resp.Header.Get("ETag") == "" {
				t.Error("no ETag")
			}
		})
	}
}

func TestWhatAServerCanDoWrong(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(FileServer())
	t.Cleanup(server.Close)
	get := func(query string) (http.Header, []byte, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/a?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			return nil, nil, err
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		return resp.Header, body, err
	}
	for _, cut := range []int{0, 4} {
		if _, body, err := get(fmt.Sprintf("size=10&cut=%d", cut)); err == nil || len(body) != cut {
			t.Errorf("cut=%d ends after %d bytes with %v", cut, len(body), err)
		}
	}
	if _, _, err := get("redirect=loop"); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("a redirect to itself ends with %v", err)
	}
	etags := map[string]bool{}
	for range 2 {
		header, _, err := get("size=1&etag=random")
		if err != nil {
			t.Fatal(err)
		}
		etags[header.Get("ETag")] = true
	}
	if len(etags) != 2 {
		t.Errorf("the ETags are %v", etags)
	}
}

func TestARangeIsAPartOfTheWhole(t *testing.T) {
	t.Parallel()
	whole, rest := make([]byte, 1000), make([]byte, 7)
	_, errWhole := OpenFile("/x", 1000).ReadAt(whole, 0)
	_, errRest := OpenFile("/x", 1000).ReadAt(rest, 993)
	if errWhole != nil || errRest != nil || string(rest) != string(whole[993:]) {
		t.Errorf("%x, %v, %v instead of %x", rest, errWhole, errRest, whole[993:])
	}
	if FileSHA256("/x", 10) == FileSHA256("/y", 10) {
		t.Error("two paths are one file")
	}
}

func TestTheHelpOfTheFileServerNamesParametersThatItReads(t *testing.T) {
	for line := range strings.Lines(FileServerHelp) {
		parameter, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, value, found := strings.Cut(parameter, "=")
		if !found {
			t.Errorf("%q has no parameter", line)
			continue
		}
		switch value {
		case "BYTES":
			value = "7"
		case "URL":
			value = "/other"
		}
		var with, without order
		if err := with.read(url.Values{name: {value}}); err != nil {
			t.Error(err)
		}
		if err := without.read(nil); err != nil || with == without {
			t.Errorf("%s=%s changes nothing: %v", name, value, err)
		}
	}
}
