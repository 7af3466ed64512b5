package winhost

import "github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"

// gate is what the host demands of those who connect.
func (h *Host) gate() *logon.Gate {
	return logon.New(logon.Options{Schemes: []logon.Scheme{logon.Basic}, Accounts: h.logons})
}
