package winrmbits

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

func TestAHostTellsHowAJobEnded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.transferred("payload")
		before := time.Now()
		if _, err := r.world.service.Complete(administrator, id); err != nil {
			t.Fatal(err)
		}
		got, err := r.host.History(t.Context(), id, before.Add(-time.Hour))
		if err != nil || got.Ending != bits.EndingCompleted || got.By != administrator.Account || got.At == nil || !got.At.Equal(before) ||
			got.Files == nil || *got.Files != 1 || got.Event != 4 || got.LogSince == nil || got.Remark != "" {
			t.Errorf("the host tells %+v, %v", got, err)
		}
		if got, err = r.host.History(t.Context(), id, before.Add(time.Hour)); err != nil || got.Ending != bits.EndingUnknown || got.At != nil {
			t.Errorf("of what came after it tells %+v, %v", got, err)
		}
	})
}

func TestALogThatCantBeReadIsNoError(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.service.Log().Refuse(machine.OperationalLog, machine.ErrLogDenied)
		got, err := r.host.History(t.Context(), r.world.job("payload"), time.Time{})
		if err != nil || got.Ending != bits.EndingUnknown || got.LogSince != nil || !strings.Contains(got.Remark, machine.OperationalLog) {
			t.Errorf("the host tells %+v, %v", got, err)
		}
	})
}

func TestAnEndingThatNobodyKnowsIsAnError(t *testing.T) {
	for _, answer := range []string{
		`{"ending":"eaten","by":null,"at":null,"files":null,"event":null,"log_since":null,"text":""}`,
		`{"ending":"completed","by":null,"at":"yesterday","files":null,"event":4,"log_since":null,"text":""}`,
	} {
		bubble(t, func(t *testing.T, r *rig) {
			r.program = func(int) program {
				return scripted(func(n int, _ agent.Request) []string {
					return []string{fmt.Sprintf(`{"b":%d,"r":[{"i":0,"v":{"protocol":%d}},{"i":1,"v":%s}],"end":true}`, n, agent.Protocol, answer)}
				})
			}
			if got, err := r.host.History(t.Context(), "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", time.Time{}); err == nil {
				t.Errorf("%s is read as %+v", answer, got)
			}
		})
	}
}
