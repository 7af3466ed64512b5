package bitsvc

import (
	"encoding/hex"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// settings are a job's properties besides its name, description and priority.
type settings struct {
	set     bits.Properties
	spent   time.Duration // connecting or transferring since the last resume, without the present run
	resumed bool          // at least once
	lingers bool          // an upload that was cancelled
}

func (s settings) retryDelay() time.Duration { return duration(s.set.MinimumRetryDelay) }
func (s settings) noProgress() time.Duration { return duration(s.set.NoProgressTimeout) }

func duration(s *bits.Seconds) time.Duration { return time.Duration(*s) * time.Second }

// seconds is a time as the cmdlets take it.
func seconds(d time.Duration) *bits.Seconds {
	return pointer(bits.Seconds(d / time.Second)) //nolint:gosec // it is short
}

// The times of a new job. Sources: IBackgroundCopyJob::SetMinimumRetryDelay and ::SetNoProgressTimeout, and "Group
// Policies" of BITS for the maximum download time, learn.microsoft.com.
const (
	defaultRetryDelay  = 10 * time.Minute
	defaultNoProgress  = 14 * 24 * time.Hour
	defaultMaxDownload = 90 * 24 * time.Hour
	leastRetryDelay    = 5 * time.Second
)

// maxProxyList bounds the lists of proxies and of their exceptions, in UTF-16 code units.
// Source: the messages of 0x80200018 and 0x80200019; the page of SetProxySettings says 4000.
const maxProxyList = 32000

// property is what one call of BITS sets.
type property struct {
	fields  []string // of bits.Properties
	initial any      // value of a new job. Source: IBackgroundCopyJob's Get methods, learn.microsoft.com
	secret  bool     // BITS never returns it
	// check returns what BITS refuses, and may replace the values by those that BITS keeps; nil: any value is kept.
	check func(h *Handle, j *job, p *bits.Properties) error
}

// properties are all of them, in the order in which the cmdlets make their calls.
var properties = []property{
	{fields: []string{"MinimumRetryDelay"}, initial: seconds(defaultRetryDelay), check: checkRetryDelay},
	{fields: []string{"NoProgressTimeout"}, initial: seconds(defaultNoProgress)},
	{fields: []string{"MaximumDownloadTime"}, initial: seconds(defaultMaxDownload)},
	{fields: []string{"TransferPolicy"}, initial: []bits.CostState{}, check: checkTransferPolicy},
	{fields: []string{"ProxyUsage", "ProxyList", "ProxyBypassList"}, initial: pointer(bits.ProxySystemDefault), check: checkProxy},
	{fields: []string{"HTTPMethod"}, initial: pointer(http.MethodGet), check: checkHTTPMethod},
	{fields: []string{"Dynamic"}, initial: pointer(false), check: checkDynamic},
	{fields: []string{"SecurityFlags"}, initial: []bits.SecurityFlag{}, check: checkSecurityFlags},
	{fields: []string{"ACLFlags"}, initial: []bits.ACLFlag{}, check: checkACLFlags},
	{fields: []string{"NotifyFlags"}, initial: []bits.NotifyFlag{"transferred", "error"}, check: checkNotifyFlags},
	{fields: []string{"NotifyCommand"}, check: checkNotifyCommand},
	{fields: []string{"CertificateStoreLocation", "CertificateStoreName", "CertificateHash"}, check: checkCertificate},
	{fields: []string{"CustomHeaders"}, check: checkCustomHeaders},
	{fields: []string{"CustomHeadersWriteOnly"}, secret: true, check: checkHeadersWriteOnly},
	{fields: []string{"Credential"}, secret: true, check: checkCredential},
	{fields: []string{"ProxyCredential"}, secret: true, check: checkProxyCredential},
	{fields: []string{"UseStoredCredential"}, secret: true, check: checkStoredCredential},
}

func pointer[T any](v T) *T { return &v }

// newSettings returns those of a new job.
func newSettings() (s settings) {
	set := reflect.ValueOf(&s.set).Elem()
	for _, p := range properties {
		if p.initial != nil {
			set.FieldByName(p.fields[0]).Set(reflect.ValueOf(p.initial))
		}
	}
	return s
}

// given reports whether values hold one for the property.
func (p property) given(values reflect.Value) bool {
	return slices.ContainsFunc(p.fields, func(field string) bool { return !values.FieldByName(field).IsZero() })
}

// properties returns the settings that BITS shows.
func (j *job) properties() bits.Properties {
	shown := j.set
	values := reflect.ValueOf(&shown).Elem()
	for _, p := range properties {
		if p.secret {
			values.FieldByName(p.fields[0]).SetZero()
		}
	}
	if j.set.CustomHeadersWriteOnly != nil && *j.set.CustomHeadersWriteOnly {
		shown.CustomHeaders = nil
	}
	return shown
}

// SetProperties sets properties, call by call, up to the first refusal.
func (h *Handle) SetProperties(values bits.Properties) error {
	for _, p := range properties {
		if !p.given(reflect.ValueOf(values)) {
			continue
		}
		var result bits.HResult
		err := h.change(func(j *job) error {
			if result = h.service.overridden(j, values); result.Failed() {
				return refuse(result)
			}
			return p.apply(h, j, values)
		})
		switch {
		case err != nil:
			return err
		case result != 0:
			return refuse(result)
		}
	}
	return nil
}

// apply checks the property and keeps it.
func (p property) apply(h *Handle, j *job, values bits.Properties) error {
	if p.check != nil {
		if err := p.check(h, j, &values); err != nil {
			return err
		}
	}
	from, to := reflect.ValueOf(values), reflect.ValueOf(&j.set).Elem()
	for _, field := range p.fields {
		to.FieldByName(field).Set(from.FieldByName(field))
	}
	return nil
}

// foregroundOnly reports whether the job's method keeps it in foreground.
// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func (j *job) foregroundOnly() bool { return *j.set.HTTPMethod != http.MethodGet }

func checkRetryDelay(_ *Handle, _ *job, p *bits.Properties) error {
	p.MinimumRetryDelay = seconds(max(duration(p.MinimumRetryDelay), leastRetryDelay))
	return nil
}

// checkTransferPolicy accepts any bits: a server has no interface that reports the cost of a network, and BITS ignores them.
func checkTransferPolicy(_ *Handle, _ *job, p *bits.Properties) error {
	mask, err := bits.PolicyMask(p.TransferPolicy)
	if err != nil {
		return refuse(eInvalidArg)
	}
	p.TransferPolicy = bits.PolicyWords(mask)
	return nil
}

// checkProxy is SetProxySettings: lists need ProxyOverride, and it needs a list.
// Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com.
func checkProxy(_ *Handle, j *job, p *bits.Properties) error {
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
	p.ProxyUsage, p.ProxyList, p.ProxyBypassList = &usage, slices.Concat(p.ProxyList), slices.Concat(p.ProxyBypassList) // nil when empty
	return nil
}

// beforeResume guards what can be set only of a download, before its first resume.
func (j *job) beforeResume() error {
	switch {
	case j.direction != bits.Download:
		return refuse(bgDownloadsOnly)
	case j.resumed:
		return refuse(bgAfterResume)
	}
	return nil
}

// checkHTTPMethod puts the job into foreground for good, unless the method is GET.
func checkHTTPMethod(_ *Handle, j *job, p *bits.Properties) error {
	if err := j.beforeResume(); err != nil {
		return err
	}
	if *p.HTTPMethod == "" {
		return refuse(eInvalidArg)
	}
	p.HTTPMethod = pointer(strings.ToUpper(*p.HTTPMethod))
	if *p.HTTPMethod != http.MethodGet {
		j.priority = bits.PriorityForeground
	}
	return nil
}

// Source: BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func checkDynamic(_ *Handle, j *job, _ *bits.Properties) error { return j.beforeResume() }

func checkSecurityFlags(_ *Handle, j *job, p *bits.Properties) error {
	mask, err := bits.SecurityMask(p.SecurityFlags)
	if err != nil {
		return refuse(eNotImpl)
	}
	if j.direction != bits.Download {
		return refuse(bgDownloadsOnly)
	}
	p.SecurityFlags = bits.SecurityWords(mask)
	return nil
}

// checkACLFlags refuses them once the job is transferred.
// Source: IBackgroundCopyJob3::SetFileACLFlags, learn.microsoft.com.
func checkACLFlags(_ *Handle, j *job, p *bits.Properties) error {
	mask, err := bits.ACLMask(p.ACLFlags)
	switch {
	case err != nil:
		return refuse(eInvalidArg)
	case j.state == bits.StateTransferred:
		return refuse(bgInvalidState)
	}
	p.ACLFlags = bits.ACLWords(mask)
	return nil
}

func checkNotifyFlags(_ *Handle, _ *job, p *bits.Properties) error {
	mask, err := bits.NotifyMask(p.NotifyFlags)
	if err != nil {
		return refuse(eNotImpl)
	}
	p.NotifyFlags = bits.NotifyWords(mask)
	return nil
}

// checkNotifyCommand accepts a command, which this host never runs: it has no programs. An empty one removes it.
// Source: IBackgroundCopyJob2::SetNotifyCmdLine, learn.microsoft.com.
func checkNotifyCommand(_ *Handle, _ *job, p *bits.Properties) error {
	if len(p.NotifyCommand) == 0 {
		p.NotifyCommand = nil
		return nil
	}
	parameters := strings.Join(p.NotifyCommand[1:], " ")
	if utf16Length(p.NotifyCommand[0]) >= bits.MaxPath || utf16Length(parameters) > bits.MaxNotifyParameters {
		return refuse(bgStringTooLong)
	}
	return nil
}

// checkCertificate wants all three parts of a certificate's name at once. Whether the certificate exists matters only when a server
// asks for it. Source: IBackgroundCopyJobHttpOptions::SetClientCertificateByID, learn.microsoft.com.
func checkCertificate(h *Handle, j *job, p *bits.Properties) error {
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
	p.CertificateHash = pointer(strings.ToLower(*p.CertificateHash))
	return nil
}

// ofOwner guards what BITS accepts from the job's owner alone, and not while the job moves. The documentation says of
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

// checkCustomHeaders accepts headers from the job's owner, each as "Name: value".
// Source: IBackgroundCopyJobHttpOptions::SetCustomHeaders, learn.microsoft.com.
func checkCustomHeaders(h *Handle, j *job, p *bits.Properties) error {
	if j.owner.SID != h.caller.SID {
		return refuse(eAccessDenied)
	}
	size := 0
	for _, header := range p.CustomHeaders {
		size += utf16Length(header.Reveal()) + len("\r\n")
		if name, _, ok := strings.Cut(header.Reveal(), ":"); !ok || !validHeaderName(name) || strings.ContainsAny(header.Reveal(), "\r\n") {
			// Hosts quote their arguments in some of their texts.
			return &bits.Error{Code: bits.CodeRefused, HResult: eInvalidArg, Text: "The header '" + header.Reveal() + "' is invalid."}
		}
	}
	if size > bits.MaxCustomHeaders {
		return refuse(bgStringTooLong)
	}
	p.CustomHeaders = slices.Concat(p.CustomHeaders) // nil when empty
	return nil
}

func validHeaderName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}) < 0
}

// checkHeadersWriteOnly keeps what can't be undone. Source: IBackgroundCopyJobHttpOptions3::MakeCustomHeadersWriteOnly.
func checkHeadersWriteOnly(_ *Handle, j *job, p *bits.Properties) error {
	if j.set.CustomHeadersWriteOnly != nil {
		p.CustomHeadersWriteOnly = pointer(*j.set.CustomHeadersWriteOnly || *p.CustomHeadersWriteOnly)
	}
	return nil
}

func checkCredential(h *Handle, j *job, p *bits.Properties) (err error) {
	p.Credential, err = h.credential(j, *p.Credential)
	return err
}

func checkProxyCredential(h *Handle, j *job, p *bits.Properties) (err error) {
	p.ProxyCredential, err = h.credential(j, *p.ProxyCredential)
	return err
}

// credential checks a credential. Source: IBackgroundCopyJob2::SetCredentials, learn.microsoft.com.
func (h *Handle) credential(j *job, c bits.Credential) (*bits.Credential, error) {
	if c.Scheme == "" {
		c.Scheme = bits.AuthNegotiate
	}
	switch {
	case utf16Length(c.Username) > bits.MaxUsername:
		return nil, refuse(bgUsernameTooLong)
	case utf16Length(c.Password.Reveal()) > bits.MaxPassword:
		return nil, refuse(bgPasswordTooLong)
	case !slices.Contains(bits.AuthSchemes(), c.Scheme):
		return nil, refuse(bgInvalidAuthScheme)
	}
	return &c, h.ofOwner(j)
}

// checkStoredCredential accepts the target Proxy only. Source: BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func checkStoredCredential(_ *Handle, _ *job, p *bits.Properties) error {
	if *p.UseStoredCredential == bits.CredentialServer {
		return refuse(bgStoredCredentials)
	}
	return nil
}
