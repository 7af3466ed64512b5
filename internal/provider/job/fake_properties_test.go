package job

import (
	"reflect"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// set changes the properties of a job, and keeps to itself what no host tells.
func (h *fakeHost) set(job *bits.Job, given bits.Properties) {
	given.Credential, given.ProxyCredential, given.CustomHeadersWriteOnly = nil, nil, nil
	to, from := reflect.ValueOf(&job.Properties).Elem(), reflect.ValueOf(given)
	for i := range from.NumField() {
		if !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
}
