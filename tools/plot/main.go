// SPDX-License-Identifier: MPL-2.0

// Command plot draws the results of cmd/bench as an SVG: how long runs take, by the number of jobs on one host.
//
//	go run ./cmd/bench -results costs.json
//	go run -C tools/plot . ../../costs.json ../../docs-dev/costs.svg
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"math"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "plot: %v\n", err)
		os.Exit(1)
	}
}

// measurement is a table of cmd/bench, as far as it is drawn.
type measurement struct {
	CLI     bool
	Shape   struct{ Hosts, Jobs int }
	Setting struct {
		RTT    int64 // nanoseconds
		Sealed bool
	}
	Results []struct {
		Step  string
		Costs map[string]struct{ Seconds float64 }
	}
}

// panel is one diagram: a step with a CLI, or of the client alone.
type panel struct {
	title string
	cli   bool
	step  string
	lines []line
}

// line is what one contestant took.
type line struct {
	name, contestant string
	color            color.Color
	dashes           []vg.Length
}

func panels() []panel {
	blue, gray, orange, red := rgb(0x1f6feb), rgb(0x8b949e), rgb(0xbf8700), rgb(0xcf222e)
	dashed := []vg.Length{vg.Points(4), vg.Points(3)}
	cli := []line{
		{"this provider", "bits", blue, nil}, {"same schema, from memory", "same schema, from memory", orange, dashed}, {"terraform_data", "terraform_data", gray, dashed},
	}
	client := []line{{"this client", "client", blue, nil}, {"one-shot shells", "one-shot shells", red, dashed}}
	return []panel{
		{"terraform plan", true, "plan", cli}, {"terraform apply: re-prioritise all", true, "re-prioritise all", cli}, {"client alone: read all", false, "read", client},
	}
}

func rgb(c uint32) color.Color {
	return color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255} //nolint:gosec // a byte each
}

func run(args []string) (err error) {
	if len(args) != 2 {
		return errors.New("want the file of cmd/bench -results, and the SVG to write")
	}
	text, err := os.ReadFile(args[0]) //nolint:gosec // the caller names it
	if err != nil {
		return err
	}
	var list []measurement
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	const width, height = 13 * vg.Inch, 4 * vg.Inch
	canvas := vgsvg.New(width, height)
	var row []*plot.Plot
	for _, p := range panels() {
		drawn, err := p.plot(list)
		if err != nil {
			return fmt.Errorf("%s: %w", p.title, err)
		}
		row = append(row, drawn)
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(row), PadX: vg.Points(18), PadTop: vg.Points(6), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(18)}
	for i, c := range plot.Align([][]*plot.Plot{row}, tiles, draw.New(canvas))[0] {
		row[i].Draw(c)
	}
	f, err := os.Create(args[1]) //nolint:gosec // the caller names it
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(f)
	return errors.Join(err, f.Close())
}

// plot draws a panel: of one host in the usual setting, which is the first of its size.
func (p panel) plot(list []measurement) (*plot.Plot, error) {
	drawn := plot.New()
	drawn.Title.Text, drawn.X.Label.Text, drawn.Y.Label.Text = p.title, "jobs on one host", "seconds"
	drawn.X.Scale, drawn.Y.Scale = plot.LogScale{}, plot.LogScale{}
	drawn.X.Tick.Marker, drawn.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	drawn.Legend.Top, drawn.Legend.Left = true, true
	drawn.Add(plotter.NewGrid())
	low, high := math.Inf(1), 0.0
	for _, l := range p.lines {
		points := p.points(list, l.contestant)
		if len(points) < 2 {
			return nil, fmt.Errorf("%d sizes of %s were measured, and a line needs two", len(points), l.contestant)
		}
		for _, at := range points {
			low, high = min(low, at.Y), max(high, at.Y)
		}
		path, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		path.Color, path.Width, path.Dashes = l.color, vg.Points(1.8), l.dashes
		marks.Color, marks.Shape = l.color, draw.CircleGlyph{}
		drawn.Add(path, marks)
		drawn.Legend.Add(l.name, path, marks)
	}
	// Whole powers of ten, and one more at the top for the legend.
	drawn.Y.Min, drawn.Y.Max = math.Pow10(int(math.Floor(math.Log10(low)))), math.Pow10(int(math.Ceil(math.Log10(high)))+1)
	return drawn, nil
}

// points are the sizes and seconds of a contestant.
func (p panel) points(list []measurement, contestant string) plotter.XYs {
	var points plotter.XYs
	for _, m := range list {
		x := float64(m.Shape.Jobs)
		if m.CLI != p.cli || m.Shape.Hosts != 1 || slices.ContainsFunc(points, func(at plotter.XY) bool { return at.X == x }) {
			continue
		}
		for _, r := range m.Results {
			if y := r.Costs[contestant].Seconds; r.Step == p.step && y > 0 {
				points = append(points, plotter.XY{X: x, Y: y})
			}
		}
	}
	return points
}
