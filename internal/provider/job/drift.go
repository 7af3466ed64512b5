package job

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// drift is what somebody else changed on a live job: by attribute, a fingerprint of the value that Terraform had set.
//
// The state has what was read, and a refresh may be all that is applied of it. When the job is completed then, nothing can
// set the value back; but whoever still declares it changed nothing, and asks for no change of a finished job.
type drift map[string]string

// merge adds what a refresh has found.
func (d drift) merge(before, now model) drift {
	all := drift{}
	maps.Copy(all, d)
	for _, a := range inPlace(before, now) {
		if all[a.name] == "" {
			all[a.name] = fingerprint(a.want)
		}
	}
	return all
}

// withoutReverts leaves out of the changes of a finished job those that only want back what somebody else changed.
func (d drift) withoutReverts(changes []changedAttribute) []changedAttribute {
	return slices.DeleteFunc(changes, func(a changedAttribute) bool {
		return d[a.name] != "" && d[a.name] == fingerprint(a.want)
	})
}

func fingerprint(v attr.Value) string {
	sum := sha256.Sum256([]byte(v.String()))
	return hex.EncodeToString(sum[:])
}
