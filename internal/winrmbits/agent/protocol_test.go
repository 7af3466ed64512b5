// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module  = "github.com/winrmbits/terraform-provider-bits/internal/"
	ofAgent = module + "winrmbits/agent"
	ofBits  = module + "bits"
)

// The types of the protocol, and those of package bits that hold what the protocol brings. The client writes every field
// of a request and reads every field of an answer.
var (
	requests  = []string{"Request", "Op", "Spec", "Set", "FileSpec", "FileQuery", "Credential"}
	responses = []string{
		"Answer", "Result", "Error", "Job", "File", "JobError", "Hello", "HostState", "JobValue", "Listed", "Completed", "Elevated",
		"Removed", "History", "Stat", "FileStatus", "Swept",
	}
	results = []string{"History", "Completion", "Removal", "Host", "Listing", "Job", "File", "JobError", "Error", "FileStatus"}
)

// simulated are the fields of results that the simulated BITS alone has.
var simulated = map[string]bool{"File.Complete": true}

// How the agent's text names an operation, a field of a request that it reads, and a field of an answer that it writes.
var (
	operationRow = regexp.MustCompile(`(?m)^    (\w+) += @\{ Run = '[\w-]+'(.*)\}$`)
	readName     = regexp.MustCompile(`(?:\$(?:Op|spec|f|file|File|Account|account|request)\.|Get-Field -Op \$\w+ -Name ')([a-z]\w*)`)
	writtenName  = regexp.MustCompile(`(?m)(?:^\s*|[;{(]\s*|\$\w+\.)([a-z]\w*) = |"([a-z]+)":`)
	ownTables    = regexp.MustCompile(`(?m)^\$(?:NotifyBits|AclWords) = .*$`)
)

func TestEveryOperationIsKnownToTheAgentAndUsedByTheClient(t *testing.T) {
	code := production(t)
	agentText := written()
	for _, problem := range operationProblems(code, agentText) {
		t.Error(problem)
	}
	planted := strings.Replace(agentText, "    elevate  = @{", "    format   = @{ Run = 'Format-All'; Mutating = $true }\n    elevate  = @{", 1)
	if problems := operationProblems(code, planted); len(problems) != 1 {
		t.Errorf("an operation that only the agent has is reported as %v", problems)
	}
	delete(code.used, ofAgent+".OpSweep")
	if problems := operationProblems(code, agentText); len(problems) != 1 {
		t.Errorf("an operation without a caller is reported as %v", problems)
	}
}

// written is the agent as it is written.
func written() string { return part(firstPart) + parts(".") + parts("changes") }

func operationProblems(code *code, agentText string) (problems []string) {
	rows := map[string]string{}
	for _, row := range operationRow.FindAllStringSubmatch(agentText, -1) {
		rows[row[1]] = row[2]
	}
	for name, value := range code.operations() {
		if !code.used[ofAgent+"."+name] {
			problems = append(problems, "no production code uses "+name)
		}
		row, ok := rows[value]
		if !ok {
			problems = append(problems, "the agent has no operation "+value)
		} else if Mutating(value) != strings.Contains(row, "Mutating") {
			problems = append(problems, "one side does not know whether "+value+" is mutating")
		}
		delete(rows, value)
	}
	for name := range rows {
		problems = append(problems, "the client has no operation "+name)
	}
	return problems
}

func TestEveryFieldIsKnownToTheAgentAndUsedByTheClient(t *testing.T) {
	code := production(t)
	agentText := written() + loader
	for _, problem := range fieldProblems(code, agentText) {
		t.Error(problem)
	}
	for _, planted := range []string{
		"$x = Get-Field -Op $Op -Name 'colour'\n", // a field that no client sends
		"$answer = [ordered]@{ colour = 'red' }\n",
		"$failure.colour = 'red'\n",
	} {
		if problems := fieldProblems(code, agentText+planted); len(problems) != 1 {
			t.Errorf("%q is reported as %v", planted, problems)
		}
	}
	if problems := fieldProblems(code, strings.ReplaceAll(agentText, "add_files", "more_files")); len(problems) != 2 {
		t.Errorf("a field with two names is reported as %v", problems)
	}
	removed := code.fields(ofBits, "Removal")
	delete(code.read, removed[0].key)
	if problems := fieldProblems(code, agentText); len(problems) != 1 {
		t.Errorf("a result that is never read is reported as %v", problems)
	}
}

func fieldProblems(code *code, agentText string) (problems []string) {
	agentText = ownTables.ReplaceAllString(agentText, "")
	agentText = operationRow.ReplaceAllString(agentText, "")
	settings := map[string]bool{} // which the client writes; it need not read each of them
	for _, f := range code.fields(ofBits, "Properties") {
		settings[f.key] = true
	}
	check := func(sent bool, used map[string]bool, list []string) map[string]bool {
		names := map[string]bool{}
		for _, typeName := range list {
			for _, f := range code.fields(ofAgent, typeName) {
				names[f.json] = true
				if !used[f.key] && (sent || !settings[f.key]) {
					problems = append(problems, fmt.Sprintf("no production code uses %s.%s (request: %t)", typeName, f.name, sent))
				}
				if !regexp.MustCompile(`\b` + f.json + `\b`).MatchString(agentText) {
					problems = append(problems, fmt.Sprintf("the agent does not know %q of %s", f.json, typeName))
				}
			}
		}
		return names
	}
	requested, answered := check(true, code.written, requests), check(false, code.read, responses)
	for _, typeName := range results {
		for _, f := range code.fields(ofBits, typeName) {
			if !code.read[f.key] && !settings[f.key] && !simulated[typeName+"."+f.name] {
				problems = append(problems, fmt.Sprintf("no production code reads bits.%s.%s", typeName, f.name))
			}
		}
	}
	read := map[string]bool{}
	for _, m := range readName.FindAllStringSubmatch(agentText, -1) {
		read[m[1]] = true
	}
	written := map[string]bool{}
	for _, m := range writtenName.FindAllStringSubmatch(agentText, -1) {
		written[m[1]+m[2]] = true
	}
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if !requested[name] {
			problems = append(problems, fmt.Sprintf("the agent reads %q, which no client sends", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		if !answered[name] {
			problems = append(problems, fmt.Sprintf("the agent writes %q, which no client reads", name))
		}
	}
	return problems
}

// code is what production code does with the protocol and the types of package bits.
type code struct {
	packages      map[string]*types.Package
	positions     *token.FileSet
	used          map[string]bool // constants, by path and name
	read, written map[string]bool // fields, by key
}

// field is one field of a type, its embedded fields' included.
type field struct{ name, json, key string }

// production type-checks the client, the provider with its explanations of trouble, and this package, without tests.
func production(t *testing.T) *code {
	t.Helper()
	exports, sources := list(t, "-export", "-deps"), list(t)
	c := &code{
		packages: map[string]*types.Package{}, positions: token.NewFileSet(),
		used: map[string]bool{}, read: map[string]bool{}, written: map[string]bool{},
	}
	imports := importer.ForCompiler(c.positions, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, path := range []string{ofAgent, ofBits} {
		p, err := imports.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		c.packages[path] = p
	}
	for path, files := range sources {
		var parsed []*ast.File
		for _, name := range strings.Fields(files) {
			file, err := parser.ParseFile(c.positions, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, file)
		}
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
		if _, err := (&types.Config{Importer: imports}).Check(path, c.positions, parsed, info); err != nil {
			t.Fatal(err)
		}
		for _, file := range parsed {
			ast.Walk(&visitor{c, info, map[ast.Node]bool{}}, file)
		}
	}
	return c
}

// list returns the export data of packages by path, or without arguments their files.
func list(t *testing.T, arguments ...string) map[string]string {
	t.Helper()
	format := `{{.ImportPath}}={{range .GoFiles}}{{$.Dir}}/{{.}} {{end}}`
	if len(arguments) > 0 {
		format = `{{.ImportPath}}={{.Export}}`
	}
	command := exec.CommandContext(t.Context(), "go", append(append([]string{"list", "-f", format}, arguments...), "./agent", ".", "../provider/...", "../trouble/...")...)
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, out)
	}
	found := map[string]string{}
	for line := range bytes.Lines(out) {
		path, value, _ := strings.Cut(strings.TrimSpace(string(line)), "=")
		found[path] = value
	}
	return found
}

// key names an object wherever it was read: in source, or in export data.
func (c *code) key(o types.Object) string {
	at := c.positions.Position(o.Pos())
	return fmt.Sprintf("%s %s:%d %s", o.Pkg().Path(), filepath.Base(at.Filename), at.Line, o.Name())
}

func (c *code) fields(path, typeName string) (fields []field) {
	named := c.packages[path].Scope().Lookup(typeName)
	if named == nil {
		panic("no type " + typeName)
	}
	var add func(s *types.Struct)
	add = func(s *types.Struct) {
		for i := range s.NumFields() {
			f := s.Field(i)
			inner, isStruct := f.Type().Underlying().(*types.Struct)
			if f.Embedded() && isStruct {
				add(inner)
				continue
			}
			name, _, _ := strings.Cut(reflect.StructTag(s.Tag(i)).Get("json"), ",")
			if name != "-" || path == ofBits {
				fields = append(fields, field{f.Name(), name, c.key(f)})
			}
		}
	}
	s, _ := named.Type().Underlying().(*types.Struct)
	add(s)
	return fields
}

// operations are the constants of the operations, by name.
func (c *code) operations() map[string]string {
	found := map[string]string{}
	scope := c.packages[ofAgent].Scope()
	for _, name := range scope.Names() {
		if o, ok := scope.Lookup(name).(*types.Const); ok && strings.HasPrefix(name, "Op") {
			found[name] = constant.StringVal(o.Val())
		}
	}
	return found
}

// visitor records the uses of fields and constants.
type visitor struct {
	*code
	info    *types.Info
	targets map[ast.Node]bool // selectors that are assigned to
}

func (v *visitor) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			v.targets[left] = true
		}
	case *ast.UnaryExpr:
		if selector, ok := n.X.(*ast.SelectorExpr); ok && n.Op == token.AND { // whoever has the address reads and writes
			v.record(v.written, v.info.Uses[selector.Sel])
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok {
			v.record(v.written, v.info.Uses[key])
		}
	case *ast.SelectorExpr:
		uses := v.read
		if v.targets[n] {
			uses = v.written
		}
		v.record(uses, v.info.Uses[n.Sel])
	case *ast.Ident:
		if o, ok := v.info.Uses[n].(*types.Const); ok && o.Pkg() != nil && o.Pkg().Path() == ofAgent && !strings.HasSuffix(v.positions.Position(n.Pos()).Filename, "protocol.go") {
			v.used[ofAgent+"."+o.Name()] = true
		}
	}
	return v
}

func (v *visitor) record(uses map[string]bool, o types.Object) {
	if f, ok := o.(*types.Var); ok && f.IsField() && f.Pkg() != nil {
		uses[v.key(f)] = true
	}
}
