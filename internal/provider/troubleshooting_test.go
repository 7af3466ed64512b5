package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The guide Troubleshooting has every message that an operator can get. What those are is read from the source: the summaries of
// this package, and what the client says of connections.

// summary is how a diagnostic is headed: words that begin with capitals.
var summary = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*( (to|of|the|for|a|an|in|by|Without|[A-Z][A-Za-z0-9]*))+$`)

// verb is what package fmt fills in.
var verb = regexp.MustCompile(`%[-+#0-9.\[\]*]*[a-zA-Z%]`)

// clientTables are variables of the client that hold messages, and clientFunctions what gives them.
var (
	clientTables    = []string{"refusals", "registerRefused", "runRefused", "taskResults", "codes"}
	clientFunctions = []string{"elevationProblem", "clocks"}
)

func TestTheGuideTellsEveryMessage(t *testing.T) {
	guide := strings.Join(strings.Fields(readFile(t, "../../templates/guides/troubleshooting.md.tmpl")), " ")
	found := 0
	tells := func(where token.Position, text string) {
		found++
		if !strings.Contains(guide, text) {
			t.Errorf("%s:%d: templates/guides/troubleshooting.md.tmpl does not have: %s", where.Filename, where.Line, text)
		}
	}
	eachFile(t, ".", func(fset *token.FileSet, file *ast.File) {
		for _, l := range literals(file) {
			if summary.MatchString(l.text) {
				tells(fset.Position(l.at), l.text)
			}
		}
	})
	eachFile(t, "../winrmbits", func(fset *token.FileSet, file *ast.File) {
		for _, l := range problems(file) {
			if text := longest(l.text); len(text) >= len("no password") {
				tells(fset.Position(l.at), text)
			}
		}
	})
	if found < 150 {
		t.Errorf("only %d messages were found in the source", found)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// eachFile parses the Go files of a folder and those below it, tests aside.
func eachFile(t *testing.T, root string, visit func(*token.FileSet, *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(filepath.FromSlash(root), func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err == nil {
			visit(fset, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// literal is a text of the source.
type literal struct {
	at   token.Pos
	text string
}

func literals(node ast.Node) []literal {
	var all []literal
	ast.Inspect(node, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil {
				all = append(all, literal{l.Pos(), text})
			}
		}
		return true
	})
	return all
}

// problems finds what is said of connections: what becomes the Problem of an error, and tables and functions of such texts.
func problems(file *ast.File) []literal {
	var all []literal
	first := func(node ast.Node) {
		if found := literals(node); len(found) > 0 {
			all = append(all, found[0])
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Problem" {
				first(n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if selected, ok := left.(*ast.SelectorExpr); ok && selected.Sel.Name == "Problem" && len(n.Lhs) == len(n.Rhs) {
					first(n.Rhs[i])
				}
			}
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.SelectorExpr); ok && (called.Sel.Name == "fails" || called.Sel.Name == "broke") { // of a proxy
				first(n)
			}
		case *ast.ValueSpec:
			if len(n.Names) == 1 && len(n.Values) == 1 && slices.Contains(clientTables, n.Names[0].Name) {
				for _, entry := range n.Values[0].(*ast.CompositeLit).Elts {
					first(entry.(*ast.KeyValueExpr).Value)
				}
			}
		case *ast.FuncDecl:
			if slices.Contains(clientFunctions, n.Name.Name) {
				for _, l := range literals(n.Body) {
					if strings.Contains(l.text, " ") {
						all = append(all, l)
					}
				}
			}
		}
		return true
	})
	return all
}

// longest is the longest part of a text that package fmt leaves as it is.
func longest(text string) string {
	var most string
	for _, part := range verb.Split(text, -1) {
		if part = strings.Join(strings.Fields(strings.Trim(part, " .:(\"")), " "); len(part) > len(most) {
			most = part
		}
	}
	return most
}
