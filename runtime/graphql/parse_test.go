package graphql

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignoreOpen = cmpopts.IgnoreUnexported(Operation{})

func parse(t testing.TB, query string) *Document {
	t.Helper()
	d, err := Parse(query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return d
}

func TestParse(t *testing.T) {
	got := parse(t, "\uFEFF# { not this }\nfragment part on Repository @a { id, ...deep }\r\n"+
		`query Issues($owner: String! = "x\u0022\n\uD83D\uDE00\u{1F600}", $n: Int`+
		`, $ids: [ID!]!) @live(if: true) {
		r: repository(owner: $owner, name: """
			a "quoted" \"""
			  b
		""", deep: {list: [1, -2.5e3, null, OPEN, {}], ok: false}, big: 123456789012345678901) {
			...part
			... on Repository { name }
			... @include(if: $x) { query mutation fragment on true }
			...
			{ type }
		}
	}
	fragment deep on Repository { url }`)
	want := &Document{
		Operations: []*Operation{{
			Kind: Query, Name: "Issues",
			Variables: []Variable{
				{Name: "owner", Type: "String!", Default: "x\"\n😀😀", HasDefault: true},
				{Name: "n", Type: "Int"}, {Name: "ids", Type: "[ID!]!"},
			},
			Directives: []Directive{{Name: "live", Args: []Arg{{"if", true}}}},
			Fields: Selection{Field{
				Alias: "r", Name: "repository",
				Args: []Arg{
					{"owner", Var("owner")}, {"name", "a \"quoted\" \"\"\"\n  b"},
					{"deep", Object{{"list", List{1, Number("-2.5e3"), nil, Enum("OPEN"), Object(nil)}}, {"ok", false}}},
					{"big", Number("123456789012345678901")},
				},
				Fields: Selection{
					Spread{Fragment: "part"},
					Inline{On: "Repository", Fields: Leaves("name")},
					Inline{Directives: []Directive{{Name: "include", Args: []Arg{{"if", Var("x")}}}}, Fields: Leaves("query", "mutation", "fragment", "on", "true")},
					Inline{Fields: Leaves("type")},
				},
			}},
		}},
		Fragments: []*Fragment{
			{Name: "part", On: "Repository", Directives: []Directive{{Name: "a"}}, Fields: Selection{Field{Name: "id"}, Spread{Fragment: "deep"}}},
			{Name: "deep", On: "Repository", Fields: Leaves("url")},
		},
	}
	if diff := cmp.Diff(want, got, ignoreOpen); diff != "" {
		t.Error(diff)
	}
}

func TestKinds(t *testing.T) {
	for query, want := range map[string]Kind{
		`{viewer{login}}`:          Query,
		` # mutation {` + "\n {a}": Query,
		`query{a}`:                 Query,
		`query Q @x {a}`:           Query,
		`mutation($a:A){b}`:        Mutation,
		`fragment mutation on X{a} query q{...mutation}`: Query,
		`{a(text:"mutation {b}")}`:                       Query,
		`subscription S {a}`:                             Subscription,
		`query query {mutation}`:                         Query,
	} {
		op, err := parse(t, query).Operation("")
		if err != nil || op.Kind != want {
			t.Errorf("%s: %+v, %v", query, op, err)
		}
	}
}

func TestOperationByName(t *testing.T) {
	d := parse(t, `query A{a} mutation B{b}`)
	for name, want := range map[string]string{"A": "query", "B": "mutation", "": "several operations: say which of A, B", "C": `no operation "C", but A, B`} {
		op, err := d.Operation(name)
		if err == nil && string(op.Kind) != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v", name, op, err)
		}
	}
	if _, err := (&Document{}).Operation(""); err == nil {
		t.Error("a document without operations has one")
	}
}

func TestSyntaxErrors(t *testing.T) {
	deep := strings.Repeat("{a", 300) + strings.Repeat("}", 300)
	for query, want := range map[string]string{
		"":                          "line 1, column 1: there is no operation",
		"fragment A on B{c}":        "there is no operation",
		"{a":                        `the end stands where a field should`,
		"{}":                        `"}" stands where a field should`,
		"{a{}}":                     "where a field should",
		"{\n  a(b:)\n}":             `line 2, column 7: ")" stands where a value should`,
		"{\r\n\r a(b: \"c\n\")}":    "line 3, column 7: a string does not end on its line",
		"{a()}":                     "where an argument should",
		"{a(b:\"\\x\")}":            "escape",
		"{a(b:\"\\u12G4\")}":        "escape",
		"{a(b:\"\\uD800\")}":        "escape",
		"{a(b:\"\\uD800\\u0041\")}": "escape",
		"{a(b:\"\\u{110000}\")}":    "escape",
		"{a(b:\"\\u{}\")}":          "escape",
		"{a(b:\"\\u12\")}":          "escape",
		"{a(b:\"c":                  "a string does not end",
		"{a(b:\"\"\"c\")}":          "a block string does not end",
		"{a(b:01)}":                 "malformed",
		"{a(b:-)}":                  "malformed",
		"{a(b:1.)}":                 "malformed",
		"{a(b:1e)}":                 "malformed",
		"{a(b:1x)}":                 "runs into",
		"{a(b:1.2.3)}":              "runs into",
		"{a..b}":                    `'.' does not belong`,
		"{é}":                       `'é' does not belong`,
		"{a(b:\"\xff\")}":           "not UTF-8",
		"query A{a} query A{a}":     "two operations are called A",
		"{a} query A{a}":            "an operation without a name stands beside others",
		"query A{a} {a}":            "an operation without a name stands beside others",
		"{a} fragment F on A{a} fragment F on A{a}": "two fragments are called F",
		"fragment on on A{a}":                       "the fragment's name",
		"fragment F at A{a}":                        `"on"`,
		"{... on}":                                  "a type",
		"{a @}":                                     "directive's name",
		"query($a){a}":                              `":"`,
		"query(){a}":                                `"$"`,
		"query($a:[B){a}":                           `"]"`,
		"query($a:){a}":                             "a type",
		"{a: }":                                     "a field",
		"{a(b:$)}":                                  "a variable's name",
		"type A{b:C}":                               "a part of a schema",
		"select{a}":                                 "an operation or a fragment",
		"query A":                                   `"{"`,
		deep:                                        "nests deeper",
		"{a(b:" + strings.Repeat("[", 300) + ")}":       "nests deeper",
		"query($a:" + strings.Repeat("[", 300) + "){a}": "nests deeper",
	} {
		_, err := Parse(query)
		if _, ok := errors.AsType[*SyntaxError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: error %v, want %q", query, err, want)
		}
	}
}

// The specification's own rules for block strings, by cases of ours.
func TestBlockStrings(t *testing.T) {
	for raw, want := range map[string]string{
		"":                            "",
		"a":                           "a",
		"  a":                         "  a",
		"\n    a\n      b\n\n    c\n": "a\n  b\n\nc",
		"\n\t a\n\t b":                "a\nb",
		"first\n  second\n  third":    "first\nsecond\nthird",
		"\n \n  a\n   \n":             "a",
		"a\r\n  b\r  c":               "a\nb\nc",
		`\n \u0041`:                   `\n \u0041`,
	} {
		d := parse(t, `{a(b:"""`+raw+`""")}`)
		if got := d.Operations[0].Fields[0].(Field).Args[0].Value; got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	doubling := "{...f0}"
	for i := range 40 {
		n := string(rune('0'+i/10)) + string(rune('0'+i%10))
		m := string(rune('0'+(i+1)/10)) + string(rune('0'+(i+1)%10))
		doubling += " fragment f" + n + " on A {a{...f" + m + "} b{...f" + m + "}}"
	}
	doubling = strings.Replace(doubling, "...f0}", "...f00}", 1) + " fragment f40 on A {a}"
	for query, want := range map[string]string{
		"{...a} fragment a on A{b{...a}}":                       "fragment a uses itself",
		"{...a} fragment a on A{...b} fragment b on A{c{...a}}": "uses itself",
		doubling:                                 "more than 65536 fields",
		"{...gone ...a ...a} fragment a on A{b}": "",
	} {
		err := parse(t, query).check()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %v, want %q", query, err, want)
		}
	}
}

// Whatever is read can be printed, and reads as the same again; and nothing that
// is fed to it ends the program or never ends.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"{a}", `query A($b:[C!]=[1,"x"]@d){e:f(g:$b,h:{i:J})@k{...L ...on M{n}}} fragment L on M{o}`,
		`{a(b:"""x
		  y""")}`, "mutation{a(b:\"\\u{1F600}\\uD83D\\uDE00\",c:-1.5E+3,d:null)}", "#c\n{a,b}", "{a(b:\"\x7f\uFEFF\")}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		d, err := Parse(query)
		if err != nil {
			if e, ok := errors.AsType[*SyntaxError](err); !ok || e.Line < 1 || e.Column < 1 {
				t.Fatalf("error %v", err)
			}
			return
		}
		text, err := d.Text()
		if err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		if diff := cmp.Diff(d, parse(t, text), ignoreOpen); diff != "" {
			t.Fatal(diff)
		}
		e := Endpoint{Query: operation("Q"), Mutation: operation("M"), Rules: gitHub, Report: Field{Name: "rateLimit", Fields: Leaves("cost")}}
		for _, op := range d.Operations {
			p, err := e.Prepare(Request{Query: query, Operation: op.Name}, false)
			if err != nil {
				continue
			}
			if p.Estimate.Points < 1 {
				t.Fatalf("%d points", p.Estimate.Points)
			}
			sent := parse(t, p.Body.Query)
			if len(sent.Operations) != len(d.Operations) || len(sent.Fragments) != len(d.Fragments) {
				t.Fatalf("sent as %s", p.Body.Query)
			}
			if pages, err := p.Pages(e.Rules); err == nil && (pages.Items == nil || pages.Next == nil || pages.More == nil) {
				t.Fatalf("pages %+v", pages)
			}
		}
	})
}
