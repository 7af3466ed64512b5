// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"encoding/json"
	"testing"
)

func TestEncodeIsASCIIAndExact(t *testing.T) {
	const hostile = "\"\\/\x01\x7f\u0085\u2028é\u212a😀\ufeff</script>&"
	text := encode(hostile)
	for i, b := range text {
		if b < ' ' || b > '~' {
			t.Errorf("byte %d is %#x", i, b)
		}
	}
	var back string
	if err := json.Unmarshal(text, &back); err != nil || back != hostile {
		t.Errorf("%q came back as %q, %v", hostile, back, err)
	}
}
