package machine

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// provider is who writes the events of BITS, in both logs.
const provider = "Microsoft-Windows-Bits-Client"

// XML returns a record as EventRecord.ToXml does. Source: the event schema, learn.microsoft.com, and records that people
// published.
func (e Event) XML() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>`+
		`<Provider Name='%s' Guid='{ef1cc15b-46c1-414e-bb95-e76b077bd51e}'/><EventID>%d</EventID><Version>0</Version>`+
		`<Level>4</Level><TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel>`+
		`<Security UserID='S-1-5-18'/></System><EventData>`,
		provider, e.ID, e.At.UTC().Format("2006-01-02T15:04:05.0000000Z"), e.Record, e.Log)
	for _, f := range e.Fields {
		b.WriteString("<Data")
		if f.Name != "" {
			fmt.Fprintf(&b, " Name='%s'", f.Name)
		}
		b.WriteString(">")
		_ = xml.EscapeText(&b, []byte(f.Value)) // a bytes.Buffer takes everything
		b.WriteString("</Data>")
	}
	b.WriteString("</EventData></Event>")
	return b.String()
}
