package standin

import (
	"encoding/json"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
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

func TestSelectedGivesTheNamedFieldsOnly(t *testing.T) {
	job := Host{}.wireJob(bits.Job{ID: "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", State: bits.StateQueued})
	const want = `{"bytes_total":null,"id":"6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"}`
	if got := string(selected(job, []string{"id", "bytes_total"})); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
