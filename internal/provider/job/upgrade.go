// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// schemaVersion is that of the states that this provider writes. A change of an attribute's name, type or words needs another one, and an
// upgrader from the one before.
const schemaVersion = 1

var _ resource.ResourceWithUpgradeState = &jobResource{}

// UpgradeState reads the states of earlier versions.
func (*jobResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{0: {StateUpgrader: upgradeFrom0}}
}

// upgradeFrom0 spells policies as version 1 does, and fills in a default. What is new is null.
func upgradeFrom0(_ context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	var attributes map[string]json.RawMessage // numbers stay as they are
	err := json.Unmarshal(req.RawState.JSON, &attributes)
	for _, policy := range []string{"on_missing", "on_file_missing"} {
		if string(attributes[policy]) == `"recreate"` {
			attributes[policy] = json.RawMessage(`"replace"`)
		}
	}
	if had := string(attributes["create_directories"]); attributes != nil && (had == "" || had == "null") {
		attributes["create_directories"] = json.RawMessage("true")
	}
	if err == nil {
		err = forgetTarget(attributes)
	}
	var upgraded []byte
	if err == nil {
		upgraded, err = json.Marshal(attributes)
	}
	if err != nil {
		resp.Diagnostics.Append(report.Problem(path.Empty(), report.UnreadableState, "The state of this job can't be read: %s.", err))
		return
	}
	resp.DynamicValue = &tfprotov6.DynamicValue{JSON: upgraded}
}

// forgetTarget takes the target out of credentials, which are those for the server. An account for a proxy is dropped from the state:
// it is declared in proxy now, and an apply sends it from there. The job keeps the one it has until then.
func forgetTarget(attributes map[string]json.RawMessage) error {
	var credentials map[string]json.RawMessage
	had, set := attributes["credentials"]
	if !set {
		return nil
	}
	if err := json.Unmarshal(had, &credentials); err != nil || credentials == nil {
		return err
	}
	if string(credentials["target"]) == `"proxy"` {
		attributes["credentials"] = json.RawMessage("null")
		return nil
	}
	delete(credentials, "target")
	kept, err := json.Marshal(credentials)
	attributes["credentials"] = kept
	return err
}
