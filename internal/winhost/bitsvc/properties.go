package bitsvc

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// settings are a job's properties beside name, description, priority and the times of retries.
type settings struct {
	set         bits.Properties // as they were set; what stands in other fields of the job is not here
	maxDownload time.Duration
	spent       time.Duration // connecting or transferring since the last resume, without the present run
	resumed     bool          // at least once
	writeOnly   bool          // the headers can't be read, ever again
	lingers     bool          // an upload that was cancelled
}

// defaultMaxDownload is the policy's. Source: "Group Policies" of BITS, learn.microsoft.com.
const defaultMaxDownload = 90 * 24 * time.Hour

// maxProxyList bounds the lists of proxies and of their exceptions, in UTF-16 code units.
// Source: the messages of 0x80200018 and 0x80200019; the page of SetProxySettings says 4000.
const maxProxyList = 32000

// newSettings are those of a new job. Source: IBackgroundCopyJob's Get methods, learn.microsoft.com.
func newSettings() settings {
	usage, method, dynamic := bits.ProxySystemDefault, http.MethodGet, false
	return settings{maxDownload: defaultMaxDownload, set: bits.Properties{
		TransferPolicy: []bits.CostState{}, ProxyUsage: &usage, HTTPMethod: &method, Dynamic: &dynamic,
		SecurityFlags: []bits.SecurityFlag{}, ACLFlags: []bits.ACLFlag{},
		NotifyFlags: []bits.NotifyFlag{"transferred", "error"},
	}}
}

// properties are what may be read of a job's settings.
func (j *job) properties() bits.Properties {
	p := j.set
	p.MinimumRetryDelay, p.NoProgressTimeout = seconds(j.retryDelay), seconds(j.noProgress)
	p.MaximumDownloadTime = seconds(j.maxDownload)
	p.CustomHeadersWriteOnly, p.Credential, p.ProxyCredential, p.UseStoredCredential = nil, nil, nil, nil
	if j.writeOnly {
		p.CustomHeaders = nil
	}
	return p
}

func seconds(d time.Duration) *bits.Seconds {
	s := bits.Seconds(d / time.Second) //nolint:gosec // was one
	return &s
}

// pinned reports whether a method keeps the job in foreground.
// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func (j *job) pinned() bool { return !strings.EqualFold(*j.set.HTTPMethod, http.MethodGet) }

// call is one call of BITS that sets properties.
type call struct {
	given func(p bits.Properties) bool
	set   func(h *Handle, j *job, p bits.Properties) error
}

// calls are all of them, in the order in which the cmdlets make them.
var calls = []call{
	{func(p bits.Properties) bool { return p.MinimumRetryDelay != nil }, setRetryDelay},
	{func(p bits.Properties) bool { return p.NoProgressTimeout != nil }, setNoProgress},
	{func(p bits.Properties) bool { return p.MaximumDownloadTime != nil }, setMaxDownload},
	{func(p bits.Properties) bool { return p.TransferPolicy != nil }, setTransferPolicy},
	{func(p bits.Properties) bool {
		return p.ProxyUsage != nil || p.ProxyList != nil || p.ProxyBypassList != nil
	}, setProxy},
	{func(p bits.Properties) bool { return p.HTTPMethod != nil }, setHTTPMethod},
	{func(p bits.Properties) bool { return p.Dynamic != nil }, setDynamic},
	{func(p bits.Properties) bool { return p.SecurityFlags != nil }, setSecurityFlags},
	{func(p bits.Properties) bool { return p.ACLFlags != nil }, setACLFlags},
	{func(p bits.Properties) bool { return p.NotifyFlags != nil }, setNotifyFlags},
	{func(p bits.Properties) bool { return p.NotifyCommand != nil }, setNotifyCommand},
	{func(p bits.Properties) bool {
		return p.CertificateStoreLocation != nil || p.CertificateStoreName != nil || p.CertificateHash != nil
	}, setCertificate},
	{func(p bits.Properties) bool { return p.CustomHeaders != nil }, setCustomHeaders},
	{func(p bits.Properties) bool { return p.CustomHeadersWriteOnly != nil }, setHeadersWriteOnly},
	{func(p bits.Properties) bool { return p.Credential != nil }, setCredential},
	{func(p bits.Properties) bool { return p.ProxyCredential != nil }, setProxyCredential},
	{func(p bits.Properties) bool { return p.UseStoredCredential != nil }, setStoredCredential},
}

// SetProperties sets properties, call by call, up to the first refusal.
func (h *Handle) SetProperties(p bits.Properties) error {
	for _, c := range calls {
		if !c.given(p) {
			continue
		}
		var answer bits.HResult
		err := h.change(func(j *job) error {
			if answer = h.service.overridden(j, p); answer.Failed() {
				return refuse(answer)
			}
			return c.set(h, j, p)
		})
		switch {
		case err != nil:
			return err
		case answer != 0:
			return refuse(answer)
		}
	}
	return nil
}

func setRetryDelay(_ *Handle, j *job, p bits.Properties) error {
	j.retryDelay = max(time.Duration(*p.MinimumRetryDelay)*time.Second, leastRetryDelay)
	return nil
}

func setNoProgress(_ *Handle, j *job, p bits.Properties) error {
	j.noProgress = time.Duration(*p.NoProgressTimeout) * time.Second
	return nil
}

func setMaxDownload(_ *Handle, j *job, p bits.Properties) error {
	j.maxDownload = time.Duration(*p.MaximumDownloadTime) * time.Second
	return nil
}

// setTransferPolicy takes any bits: a server has no interface that tells what a network costs, and BITS ignores them.
func setTransferPolicy(_ *Handle, j *job, p bits.Properties) error {
	mask, err := bits.PolicyMask(p.TransferPolicy)
	if err != nil {
		return refuse(eInvalidArg)
	}
	j.set.TransferPolicy = bits.PolicyWords(mask)
	return nil
}

// setProxy is SetProxySettings: lists need ProxyOverride, and it needs a list.
// Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com.
func setProxy(_ *Handle, j *job, p bits.Properties) error {
	usage := *j.set.ProxyUsage
	if p.ProxyUsage != nil {
		var err error
		if usage, err = bits.ParseProxyUsage(string(*p.ProxyUsage)); err != nil {
			return refuse(eNotImpl)
		}
	}
	switch override := usage == bits.ProxyOverride; {
	case override != (len(p.ProxyList) > 0), !override && len(p.ProxyBypassList) > 0:
		return refuse(eInvalidArg)
	case utf16Length(strings.Join(p.ProxyList, " ")) > maxProxyList:
		return refuse(bgProxyListTooLong)
	case utf16Length(strings.Join(p.ProxyBypassList, " ")) > maxProxyList:
		return refuse(bgBypassListTooLong)
	}
	j.set.ProxyUsage, j.set.ProxyList, j.set.ProxyBypassList = &usage, nil, nil
	if usage == bits.ProxyOverride {
		j.set.ProxyList, j.set.ProxyBypassList = append([]string(nil), p.ProxyList...), append([]string(nil), p.ProxyBypassList...)
	}
	return nil
}

// setHTTPMethod takes a method before the first resume. All but GET put the job into foreground for good.
func setHTTPMethod(_ *Handle, j *job, p bits.Properties) error {
	switch {
	case j.direction != bits.Download:
		return refuse(bgDownloadsOnly)
	case j.resumed:
		return refuse(bgAfterResume)
	case *p.HTTPMethod == "":
		return refuse(eInvalidArg)
	}
	method := strings.ToUpper(*p.HTTPMethod)
	if j.set.HTTPMethod = &method; j.pinned() {
		j.priority = bits.PriorityForeground
	}
	return nil
}

// setDynamic is before the first resume, too. Source: BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func setDynamic(_ *Handle, j *job, p bits.Properties) error {
	switch {
	case j.direction != bits.Download:
		return refuse(bgDownloadsOnly)
	case j.resumed:
		return refuse(bgAfterResume)
	}
	dynamic := *p.Dynamic
	j.set.Dynamic = &dynamic
	return nil
}

func setSecurityFlags(_ *Handle, j *job, p bits.Properties) error {
	mask, err := bits.SecurityMask(p.SecurityFlags)
	if err != nil {
		return refuse(eNotImpl)
	}
	if j.direction != bits.Download {
		return refuse(bgDownloadsOnly)
	}
	j.set.SecurityFlags = bits.SecurityWords(mask)
	return nil
}

// setACLFlags must come before the job is transferred.
// Source: IBackgroundCopyJob3::SetFileACLFlags, learn.microsoft.com.
func setACLFlags(_ *Handle, j *job, p bits.Properties) error {
	mask, err := bits.ACLMask(p.ACLFlags)
	switch {
	case err != nil:
		return refuse(eInvalidArg)
	case j.state == bits.StateTransferred:
		return refuse(bgInvalidState)
	}
	j.set.ACLFlags = bits.ACLWords(mask)
	return nil
}

func setNotifyFlags(_ *Handle, j *job, p bits.Properties) error {
	mask, err := bits.NotifyMask(p.NotifyFlags)
	if err != nil {
		return refuse(eNotImpl)
	}
	j.set.NotifyFlags = bits.NotifyWords(mask)
	return nil
}

// setNotifyCommand keeps a command, which this host never runs: it has no programs.
// Source: IBackgroundCopyJob2::SetNotifyCmdLine, learn.microsoft.com.
func setNotifyCommand(_ *Handle, j *job, p bits.Properties) error {
	if len(p.NotifyCommand) == 0 {
		j.set.NotifyCommand = nil
		return nil
	}
	parameters := strings.Join(p.NotifyCommand[1:], " ")
	if utf16Length(p.NotifyCommand[0]) >= bits.MaxPath || utf16Length(parameters) > bits.MaxNotifyParameters {
		return refuse(bgStringTooLong)
	}
	j.set.NotifyCommand = slices.Clone(p.NotifyCommand)
	return nil
}

// setCertificate names a client certificate, all three parts of the name at once. That it is there shows only when a
// server asks for it. Source: IBackgroundCopyJobHttpOptions::SetClientCertificateByID, learn.microsoft.com.
func setCertificate(h *Handle, j *job, p bits.Properties) error {
	if err := h.ofOwner(j); err != nil {
		return err
	}
	if p.CertificateStoreLocation == nil || p.CertificateStoreName == nil || p.CertificateHash == nil {
		return refuse(eInvalidArg)
	}
	hash, err := hex.DecodeString(*p.CertificateHash)
	if err != nil || len(hash) != 20 || *p.CertificateStoreName == "" {
		return refuse(eInvalidArg)
	}
	location, name, digits := *p.CertificateStoreLocation, *p.CertificateStoreName, strings.ToLower(*p.CertificateHash)
	j.set.CertificateStoreLocation, j.set.CertificateStoreName, j.set.CertificateHash = &location, &name, &digits
	return nil
}

// ofOwner guards what BITS takes from the job's owner alone, and not while the job moves. The documentation says of
// credentials and certificates that they are to be set before the job is resumed, and not what happens otherwise:
// this is the strictest reading.
func (h *Handle) ofOwner(j *job) error {
	switch {
	case j.owner.SID != h.caller.SID:
		return refuse(eAccessDenied)
	case j.active(), j.state == bits.StateTransientError:
		return refuse(bgWhenActive)
	}
	return nil
}

// setCustomHeaders takes headers from the job's owner, each as "Name: value".
// Source: IBackgroundCopyJobHttpOptions::SetCustomHeaders, learn.microsoft.com.
func setCustomHeaders(h *Handle, j *job, p bits.Properties) error {
	if j.owner.SID != h.caller.SID {
		return refuse(eAccessDenied)
	}
	size := 0
	for _, header := range p.CustomHeaders {
		size += utf16Length(header.Reveal()) + len("\r\n")
		if name, _, ok := strings.Cut(header.Reveal(), ":"); !ok || !validHeaderName(name) || strings.ContainsAny(header.Reveal(), "\r\n") {
			// Hosts quote what they are given in some of their texts.
			return &bits.Error{Code: bits.CodeRefused, HResult: eInvalidArg, Text: "The header '" + header.Reveal() + "' is invalid."}
		}
	}
	if size > bits.MaxCustomHeaders {
		return refuse(bgStringTooLong)
	}
	j.set.CustomHeaders = append([]bits.Secret(nil), p.CustomHeaders...)
	return nil
}

func validHeaderName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}) < 0
}

// setHeadersWriteOnly can't be undone. Source: IBackgroundCopyJobHttpOptions3::MakeCustomHeadersWriteOnly.
func setHeadersWriteOnly(_ *Handle, j *job, p bits.Properties) error {
	j.writeOnly = j.writeOnly || *p.CustomHeadersWriteOnly
	return nil
}

func setCredential(h *Handle, j *job, p bits.Properties) error {
	c, err := h.credential(j, *p.Credential)
	if err == nil {
		j.set.Credential = c
	}
	return err
}

func setProxyCredential(h *Handle, j *job, p bits.Properties) error {
	c, err := h.credential(j, *p.ProxyCredential)
	if err == nil {
		j.set.ProxyCredential = c
	}
	return err
}

// credential checks a credential. Source: IBackgroundCopyJob2::SetCredentials, learn.microsoft.com.
func (h *Handle) credential(j *job, c bits.Credential) (*bits.Credential, error) {
	if c.Scheme == "" {
		c.Scheme = bits.AuthNegotiate
	}
	var err error
	switch {
	case utf16Length(c.Username) > bits.MaxUsername:
		err = refuse(bgUsernameTooLong)
	case utf16Length(c.Password.Reveal()) > bits.MaxPassword:
		err = refuse(bgPasswordTooLong)
	case !slices.Contains(bits.AuthSchemes(), c.Scheme):
		err = refuse(bgInvalidAuthScheme)
	}
	if err != nil {
		return nil, err
	}
	return &c, h.ofOwner(j)
}

// setStoredCredential knows the target Proxy only. Source: BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func setStoredCredential(_ *Handle, j *job, p bits.Properties) error {
	if *p.UseStoredCredential == bits.CredentialServer {
		return refuse(bgStoredCredentials)
	}
	target := *p.UseStoredCredential
	j.set.UseStoredCredential = &target
	return nil
}
