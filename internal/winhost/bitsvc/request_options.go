// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// The security flags that this host acts on. Source: SetSecurityFlags, learn.microsoft.com.
const (
	redirectReport    = 0x100
	redirectDisallow  = 0x200
	redirectDowngrade = 0x800
)

// certificateFlags are those about a server's certificate, which this host can't do.
const certificateFlags = 0x1f

// requestOptions are what a request takes of its job.
type requestOptions struct {
	proxy *url.URL // nil: none
	flags uint32   // of security
}

type requestOptionsKey struct{}

func requestOptionsOf(ctx context.Context) requestOptions {
	w, _ := ctx.Value(requestOptionsKey{}).(requestOptions)
	return w
}

// jobsProxy is http.Transport's Proxy.
func jobsProxy(req *http.Request) (*url.URL, error) {
	return requestOptionsOf(req.Context()).proxy, nil
}

// errRedirect ends a request that was sent elsewhere against the job's flags.
var errRedirect = errors.New("the job follows no such redirect")

// errNoCertificate ends a request whose server asks for a certificate of the client, which no job here has.
var errNoCertificate = errors.New("the job has no certificate")

// noCertificate is tls.Config's GetClientCertificate: a server that only accepts certificates fails the job, too.
// Source: "Authentication" of BITS, learn.microsoft.com.
func noCertificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return nil, errNoCertificate
}

// maxRedirects is WinHTTP's. Source: WinHttpRequestOption, learn.microsoft.com; WinHTTP's "Error Messages" speaks of five.
const maxRedirects = 10

// jobsRedirects is http.Client's CheckRedirect. What the job's flags forbid is the answer itself; another scheme and too many redirects
// are ERROR_WINHTTP_REDIRECT_FAILED.
// Sources: IBackgroundCopyJobHttpOptions::SetSecurityFlags and WinHTTP's "Error Messages", learn.microsoft.com.
func jobsRedirects(req *http.Request, via []*http.Request) error {
	flags := requestOptionsOf(req.Context()).flags
	downgrade := via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme == "http"
	switch {
	case flags&redirectDisallow != 0:
		return http.ErrUseLastResponse
	case downgrade && flags&redirectDowngrade == 0, len(via) > maxRedirects:
		return errRedirect
	}
	return nil
}

// source is where an answer comes from, as the job's flags have BITS write it into the file's remote name: the address at the end of
// redirects that are reported, or the one that was not followed. Source: IBackgroundCopyJobHttpOptions::SetSecurityFlags.
func (s settings) source(resp *http.Response, asked string) string {
	switch target, err := resp.Location(); {
	case s.flags()&redirectReport != 0 && resp.Request != nil:
		return resp.Request.URL.String()
	case s.flags()&redirectDisallow != 0 && err == nil:
		return target.String()
	}
	return asked
}

func (s settings) flags() uint32 {
	mask, _ := bits.SecurityMask(s.set.SecurityFlags) // was checked when it was set
	return mask
}

// setHeaders adds the job's own headers.
func (s settings) setHeaders(h http.Header) {
	for _, header := range s.set.CustomHeaders {
		name, value, _ := strings.Cut(header.Reveal(), ":")
		h.Add(name, strings.TrimSpace(value))
	}
}

// canAnswer reports whether the job has the credential that a server demands. This host supports Basic only.
func (s settings) canAnswer(resp *http.Response) bool {
	c := s.set.Credential
	if c == nil || c.Scheme != bits.AuthBasic {
		return false
	}
	return slices.ContainsFunc(resp.Header.Values("WWW-Authenticate"), func(challenge string) bool {
		return strings.HasPrefix(strings.ToLower(challenge), "basic")
	})
}

// unsimulated is why this host can't do what the job wants: certificates.
func (t *task) unsimulated() problem {
	secure := strings.HasPrefix(strings.ToLower(t.file.remote), "https:")
	if secure && (t.how.flags()&certificateFlags != 0 || t.how.set.CertificateHash != nil) {
		return fatal(eNotImpl, bits.ContextTransport)
	}
	return problem{}
}

// proxy is the proxy of the job's own list, if the address does not bypass it. What the list holds is checked now.
// Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com.
func (t *task) proxy() (*url.URL, problem) {
	set := t.how.set
	address, err := url.Parse(t.file.remote)
	if err != nil || *set.ProxyUsage != bits.ProxyOverride || bypassed(address.Hostname(), set.ProxyBypassList) {
		return nil, problem{}
	}
	_, name, named := strings.Cut(set.ProxyList[0], "=") // "http=proxy:80"
	if !named {
		name = set.ProxyList[0]
	}
	if !strings.Contains(name, "://") {
		name = "http://" + name
	}
	proxy, err := url.Parse(name)
	if err != nil || proxy.Hostname() == "" || proxy.Scheme != "http" {
		return nil, fatal(bgInvalidProxyInfo, bits.ContextQueueManager)
	}
	if c := set.ProxyCredential; c != nil && c.Scheme == bits.AuthBasic {
		proxy.User = url.UserPassword(c.Username, c.Password.Reveal())
	}
	return proxy, problem{}
}

// bypassed reports whether a host is one of those that need no proxy: a name, the end of one behind a wildcard, or <local> for every
// name without a dot. Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com.
func bypassed(host string, list []string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(list, func(pattern string) bool {
		pattern = strings.ToLower(pattern)
		end, wildcard := strings.CutPrefix(pattern, "*")
		return pattern == host || wildcard && strings.HasSuffix(host, end) || pattern == "<local>" && !strings.Contains(host, ".")
	})
}
