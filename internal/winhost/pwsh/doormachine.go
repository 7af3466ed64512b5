package pwsh

import "strconv"

// machine answers what a stand-in asks of the machine itself.
func (d *door) machine(c call) (answer, error) {
	switch c.Name {
	case "service-status":
		status, err := d.service.Status()
		return answer{Text: text(status)}, err //nolint:wrapcheck // answer tells it as it is
	case "free-bytes":
		free, err := d.drive.Free(c.Local)
		return answer{Text: text(strconv.FormatUint(free, 10))}, err //nolint:wrapcheck // answer tells it as it is
	}
	numbers := map[string]int32{}
	key, err := d.service.Registry(c.Text)
	for name, n := range key {
		numbers[name] = int32(n) //nolint:gosec // the same 32 bits, signed
	}
	return answer{Numbers: numbers}, err //nolint:wrapcheck // answer tells it as it is
}
