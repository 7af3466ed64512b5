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
