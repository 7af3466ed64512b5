// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"cmp"
	"encoding/hex"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

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

// maxStoreName bounds the name of a store of certificates, without the terminator.
// Source: IBackgroundCopyJobHttpOptions::SetClientCertificateByID, learn.microsoft.com.
const maxStoreName = 255

// Property is what one call of BITS sets.
type Property struct {
	Fields         []Field
	WhileSuspended bool // the agent sets it while the job is suspended
	Since2022      bool // the module BitsTransfer of Windows Server 2016 has neither its parameters nor its members

	initial any  // value of a new job. Source: IBackgroundCopyJob's Get methods, learn.microsoft.com
	secret  bool // BITS never returns it
	// check returns what BITS refuses, and may replace the values by those that BITS keeps; nil: any value is kept.
	check func(h *Handle, j *job, p *bits.Properties) error
}

// Field is one value of a property.
type Field struct {
	Name      string // on the agent's protocol
	Parameter string // of Start-BitsTransfer and Set-BitsTransfer
	field     string // of bits.Properties
}

// properties are all of them, in the order in which the cmdlets make their calls.
var properties = []Property{
	{
		Fields:  []Field{{"minimum_retry_delay", "RetryInterval", "MinimumRetryDelay"}},
		initial: seconds(defaultRetryDelay), check: checkRetryDelay,
	},
	{Fields: []Field{{"no_progress_timeout", "RetryTimeout", "NoProgressTimeout"}}, initial: seconds(defaultNoProgress)},
	{
		Fields: []Field{{"maximum_download_time", "MaxDownloadTime", "MaximumDownloadTime"}}, Since2022: true,
		initial: seconds(defaultMaxDownload),
	},
	{
		Fields:  []Field{{"transfer_policy", "TransferPolicy", "TransferPolicy"}},
		initial: []bits.CostState{}, check: checkTransferPolicy,
	},
	{
		Fields: []Field{
			{"proxy_usage", "ProxyUsage", "ProxyUsage"}, {"proxy_list", "ProxyList", "ProxyList"},
			{"proxy_bypass_list", "ProxyBypass", "ProxyBypassList"},
		},
		initial: pointer(bits.ProxySystemDefault), check: checkProxy,
	},
	{
		Fields: []Field{{"http_method", "HttpMethod", "HTTPMethod"}}, Since2022: true,
		initial: pointer(http.MethodGet), check: checkHTTPMethod,
	},
	{Fields: []Field{{"dynamic", "Dynamic", "Dynamic"}}, Since2022: true, initial: pointer(false), check: checkDynamic},
	{
		Fields: []Field{{"security_flags", "SecurityFlags", "SecurityFlags"}}, Since2022: true,
		initial: []bits.SecurityFlag{}, check: checkSecurityFlags,
	},
	{
		Fields: []Field{
			{"certificate_store_location", "CertStoreLocation", "CertificateStoreLocation"},
			{"certificate_store_name", "CertStoreName", "CertificateStoreName"}, {"certificate_hash", "CertHash", "CertificateHash"},
		},
		WhileSuspended: true, Since2022: true, check: checkCertificate,
	},
	{Fields: []Field{{"custom_headers", "CustomHeaders", "CustomHeaders"}}, Since2022: true, check: checkCustomHeaders},
	{
		Fields: []Field{{"custom_headers_write_only", "CustomHeadersWriteOnly", "CustomHeadersWriteOnly"}}, Since2022: true,
		secret: true, check: checkHeadersWriteOnly,
	},
	{
		Fields: []Field{{"credential", "Credential", "Credential"}}, WhileSuspended: true, secret: true,
		check: checkCredential(func(p *bits.Properties) **bits.Credential { return &p.Credential }),
	},
	{
		Fields: []Field{{"proxy_credential", "ProxyCredential", "ProxyCredential"}}, WhileSuspended: true, secret: true,
		check: checkCredential(func(p *bits.Properties) **bits.Credential { return &p.ProxyCredential }),
	},
}

// Properties returns the table of properties.
func Properties() []Property { return slices.Clone(properties) }

// Given returns the properties that have values, with the fields that have.
func Given(p bits.Properties) []Property {
	var given []Property
	for _, row := range properties {
		if row.Fields = row.given(p); len(row.Fields) > 0 {
			given = append(given, row)
		}
	}
	return given
}

func (p Property) given(values bits.Properties) []Field {
	v := reflect.ValueOf(values)
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f Field) bool { return v.FieldByName(f.field).IsZero() })
}

// Only returns the values of some properties.
func Only(p bits.Properties, rows ...Property) bits.Properties {
	var some bits.Properties
	for _, row := range rows {
		row.copyTo(&some, p)
	}
	return some
}

// copyTo copies the values of the property.
func (p Property) copyTo(to *bits.Properties, from bits.Properties) {
	for _, f := range p.Fields {
		reflect.ValueOf(to).Elem().FieldByName(f.field).Set(reflect.ValueOf(from).FieldByName(f.field))
	}
}

func pointer[T any](v T) *T { return &v }

// newSettings returns those of a new job.
func newSettings() (s settings) {
	set := reflect.ValueOf(&s.set).Elem()
	for _, p := range properties {
		if p.initial != nil {
			set.FieldByName(p.Fields[0].field).Set(reflect.ValueOf(p.initial))
		}
	}
	return s
}

// properties returns the settings that BITS shows.
func (j *job) properties() bits.Properties {
	shown := j.set
	values := reflect.ValueOf(&shown).Elem()
	for _, p := range properties {
		if p.secret {
			values.FieldByName(p.Fields[0].field).SetZero()
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
		if len(p.given(values)) == 0 {
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
func (p Property) apply(h *Handle, j *job, values bits.Properties) error {
	if p.check != nil {
		if err := p.check(h, j, &values); err != nil {
			return err
		}
	}
	p.copyTo(&j.set, values)
	return nil
}

// foregroundOnly reports whether the job's method keeps it in foreground.
// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func (j *job) foregroundOnly() bool { return *j.set.HTTPMethod != http.MethodGet }

func checkRetryDelay(_ *Handle, _ *job, p *bits.Properties) error {
	p.MinimumRetryDelay = seconds(max(duration(p.MinimumRetryDelay), leastRetryDelay))
	return nil
}

// checkTransferPolicy accepts any bits.
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
// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func checkHTTPMethod(_ *Handle, j *job, p *bits.Properties) error {
	if err := j.beforeResume(); err != nil {
		return err
	}
	if *p.HTTPMethod == "" {
		return refuse(eInvalidArg)
	}
	p.HTTPMethod = pointer(strings.ToUpper(*p.HTTPMethod))
	if *p.HTTPMethod == http.MethodGet {
		return nil
	}
	if *j.set.Dynamic {
		return refuse(bgCustomMethod)
	}
	j.priority = bits.PriorityForeground
	return nil
}

// checkDynamic refuses dynamic content together with a method of its own.
// Sources: BITS_JOB_PROPERTY_ID and IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func checkDynamic(_ *Handle, j *job, p *bits.Properties) error {
	if *p.Dynamic && j.foregroundOnly() {
		return refuse(bgCustomMethod)
	}
	return j.beforeResume()
}

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

// checkCertificate wants all three parts of a certificate's name at once. This host has every store and every certificate: BITS refuses
// others with ERROR_FILE_NOT_FOUND and CRYPT_E_NOT_FOUND.
// Source: IBackgroundCopyJobHttpOptions::SetClientCertificateByID, learn.microsoft.com.
func checkCertificate(h *Handle, j *job, p *bits.Properties) error {
	if err := h.ofOwner(j); err != nil {
		return err
	}
	if p.CertificateStoreLocation == nil || p.CertificateStoreName == nil || p.CertificateHash == nil {
		return refuse(rpcNullPointer)
	}
	hash, err := hex.DecodeString(*p.CertificateHash)
	switch {
	case err != nil, len(hash) != 20:
		return refuse(rpcBadData)
	case utf16Length(*p.CertificateStoreName) > maxStoreName:
		return refuse(bgStringTooLong)
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
		name, _, ok := strings.Cut(header.Reveal(), ":")
		if !ok || !httpguts.ValidHeaderFieldName(name) || strings.ContainsAny(header.Reveal(), "\r\n") {
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

// checkHeadersWriteOnly keeps what can't be undone. Source: IBackgroundCopyJobHttpOptions3::MakeCustomHeadersWriteOnly.
func checkHeadersWriteOnly(_ *Handle, j *job, p *bits.Properties) error {
	if j.set.CustomHeadersWriteOnly != nil {
		p.CustomHeadersWriteOnly = pointer(*j.set.CustomHeadersWriteOnly || *p.CustomHeadersWriteOnly)
	}
	return nil
}

// checkCredential checks one of the two credentials. Source: IBackgroundCopyJob2::SetCredentials, learn.microsoft.com.
func checkCredential(of func(*bits.Properties) **bits.Credential) func(*Handle, *job, *bits.Properties) error {
	return func(h *Handle, j *job, p *bits.Properties) error {
		c := **of(p)
		c.Scheme = cmp.Or(c.Scheme, bits.AuthNegotiate)
		switch {
		case utf16Length(c.Username) > bits.MaxUsername:
			return refuse(bgUsernameTooLong)
		case utf16Length(c.Password.Reveal()) > bits.MaxPassword:
			return refuse(bgPasswordTooLong)
		case !slices.Contains(bits.AuthSchemes(), c.Scheme):
			return refuse(bgInvalidAuthScheme)
		}
		*of(p) = &c
		return h.ofOwner(j)
	}
}
