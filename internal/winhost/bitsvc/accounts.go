package bitsvc

// LocalSystem is the account of the operating system itself.
// Source: "Well-known SIDs", learn.microsoft.com.
func LocalSystem() Caller {
	return Caller{Account: `NT AUTHORITY\SYSTEM`, SID: "S-1-5-18", Elevated: true, LoggedOn: true, System: true}
}

// LogOn starts an interactive logon of an account, as at the console: its jobs may have files and move from now on.
func (s *Service) LogOn(sid string) { s.set(func() { s.logons[sid] = true }) }

// LogOff ends that: the account's jobs stay where they are until it logs on again.
// Source: "Users and Network Connections", learn.microsoft.com.
func (s *Service) LogOff(sid string) { s.set(func() { delete(s.logons, sid) }) }

// present reports whether BITS counts an account as logged on. The lock is held.
func (s *Service) present(c Caller) bool { return c.LoggedOn || c.System || s.logons[c.SID] }
