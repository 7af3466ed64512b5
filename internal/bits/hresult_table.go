package bits

func (h HResult) String() string { return h.Hex() }

func (h HResult) class() error { return nil }
