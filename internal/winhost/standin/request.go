package standin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// The codes of the errors that this package gives.
const (
	codeNotFound = string(bits.CodeNotFound)
	codeRefused  = string(bits.CodeRefused)
	codeBinding  = string(bits.CodeBinding)
	codeSkipped  = string(bits.CodeSkipped)
	codeBadOp    = string(bits.CodeBadOp)
)

// pendingToken is what a pending job's display name ends with.
var pendingToken = regexp.MustCompile(`^[0-9a-f]{32}$`)

// jobFields are the names of agent.Job's fields on the wire.
var jobFields = append(fieldNames(reflect.TypeFor[agent.Job]()), propertyNames()...)

func propertyNames() []string {
	var names []string
	for _, row := range properties {
		names = append(names, row.name)
	}
	return names
}

// fieldNames lists how a structure's fields are named in JSON.
func fieldNames(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			continue
		}
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// readOp reads the i-th of n operations and checks that it has what it needs.
func readOp(raw json.RawMessage, i, n int) (agent.Op, *agent.Error) {
	var op agent.Op
	if err := json.Unmarshal(raw, &op); err != nil {
		return op, badOp("the operation can't be read: %v", err)
	}
	if op.After != nil && (*op.After < 0 || *op.After >= i) {
		return op, badOp(`"after" is %d in operation %d`, *op.After, i)
	}
	if op.MS <= 0 {
		return op, badOp(`"ms" is missing`)
	}
	return op, checkOp(op, n)
}

// checkOp checks the fields that an operation of a batch of n needs.
func checkOp(op agent.Op, n int) *agent.Error {
	switch op.Name {
	case agent.OpHello, agent.OpSweep:
	case agent.OpList:
		for _, name := range op.Fields {
			if !slices.Contains(jobFields, name) {
				return badOp("a job has no field %q", name)
			}
		}
	case agent.OpBye:
		if n != 1 {
			return badOp("bye stands alone in a batch")
		}
	case agent.OpElevate:
		if n != 1 {
			return badOp("elevate stands alone in a batch")
		}
		return needToken(op)
	case agent.OpAdopt:
		return needToken(op)
	case agent.OpCreate:
		if op.Job == nil || len(op.Job.Files) == 0 {
			return badOp(`"job" with at least one file is missing`)
		}
		if bad := checkProperties(op.Job.Properties, op.Job.Secrets); bad != nil {
			return bad
		}
		return needToken(op)
	case agent.OpStat:
		return needPaths(op)
	case agent.OpHost:
		return needDrive(op)
	case agent.OpGet, agent.OpCommit, agent.OpChange, agent.OpComplete, agent.OpRemove, agent.OpHistory:
		if id, err := bits.ParseJobID(op.ID); err != nil || len(op.ID) != len(id) { // no braces on the wire
			return badOp(`"id" is not a job id`)
		}
		if op.Name == agent.OpCommit && op.DisplayName == "" {
			return badOp(`"display_name" is missing`)
		}
		if op.Name == agent.OpHistory {
			return needSince(op)
		}
		if op.Set != nil {
			return checkProperties(op.Set.Properties, op.Set.Secrets)
		}
	default:
		return badOp("unknown operation %q", op.Name)
	}
	return nil
}

// needToken checks the token of a pending job.
func needToken(op agent.Op) *agent.Error {
	if !pendingToken.MatchString(op.Token) {
		return badOp(`"token" is not 32 hexadecimal digits`)
	}
	return nil
}

// secretsOf gives the secrets of an operation.
func secretsOf(op agent.Op) agent.Secrets {
	var s agent.Secrets
	if op.Job != nil {
		s = op.Job.Secrets
	}
	if op.Set != nil {
		s.Headers = append(s.Headers, op.Set.Headers...)
		s.Credential, s.ProxyCredential = cmp.Or(s.Credential, op.Set.Secrets.Credential), cmp.Or(s.ProxyCredential, op.Set.Secrets.ProxyCredential)
	}
	return s
}

// badOp is the answer to an operation that can't be run as it stands.
func badOp(format string, args ...any) *agent.Error {
	return &agent.Error{Code: codeBadOp, Text: fmt.Sprintf(format, args...)}
}
