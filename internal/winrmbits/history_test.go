// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

func TestHistoryReturnsHowAJobEnded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.transferred("payload")
		before := time.Now()
		if _, err := r.world.service.Complete(administrator, id); err != nil {
			t.Fatal(err)
		}
		got, err := r.host.History(t.Context(), id, before.Add(-time.Hour))
		if err != nil || got.Ending != bits.EndingCompleted || got.By != administrator.Account || got.At == nil || !got.At.Equal(before) ||
			got.Remark != "" {
			t.Errorf("the history is %+v, %v", got, err)
		}
		if got, err = r.host.History(t.Context(), id, before.Add(time.Hour)); err != nil || got.Ending != bits.EndingUnknown || got.At != nil {
			t.Errorf("the history after the end is %+v, %v", got, err)
		}
	})
}

func TestALogThatCanNotBeReadIsNotAnError(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.service.Log().Refuse(machine.OperationalLog, machine.ErrLogDenied)
		got, err := r.host.History(t.Context(), r.world.job("payload"), time.Time{})
		if err != nil || got.Ending != bits.EndingUnknown || !strings.Contains(got.Remark, machine.OperationalLog) {
			t.Errorf("the history is %+v, %v", got, err)
		}
	})
}

func TestAnUnknownEndingIsAnError(t *testing.T) {
	for _, answer := range []string{
		`{"ending":"eaten","by":null,"at":null,"text":""}`,
		`{"ending":"completed","by":null,"at":"yesterday","text":""}`,
	} {
		bubble(t, func(t *testing.T, r *rig) {
			r.answer(func() string { return answer })
			if got, err := r.host.History(t.Context(), noJob, time.Time{}); err == nil {
				t.Errorf("%s is read as %+v", answer, got)
			}
		})
	}
}
