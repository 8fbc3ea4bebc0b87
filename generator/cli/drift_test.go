package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// driftFolder is a module with one provider and a folder of references, whose
// documents are compressed.
func driftFolder(t *testing.T, accepted string) string {
	t.Helper()
	dir := t.TempDir()
	from := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("testdata/drift", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	files := map[string][]byte{
		"specs/desk/openapi.yaml":           from("ours.yaml"),
		"specs/other/openapi.yaml":          from("ours.yaml"),
		"reference/openapi/desk.yaml.gz":    zip(t, from("theirs.yaml")),
		"reference/openapi/articles.json":   from("theirs2.json"),
		"reference/openapi/broken.yaml.gz":  []byte("openapi: 3.0.3"),
		"reference/openapi/cut.yaml.gz":     zip(t, from("theirs.yaml"))[:60],
		"reference/openapi/no-spec.yaml.gz": zip(t, []byte("a: b")),
	}
	if accepted != "" {
		files["specs/desk/drift.yaml"] = []byte(accepted)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func zip(t *testing.T, text []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

const against = "against: [desk.yaml.gz, articles.json]\n"

// everything accepts all differences of the two documents.
const everything = against + `accepted:
  - {kind: [missing, extra], place: [query parameter page, query parameter after], why: pages follow by cursor}
  - {kind: type, schema: Ticket, field: id, here: integer, there: string, why: answers show a number}
  - {kind: missing, schema: Ticket, field: subject, why: nobody has ever seen one}
  - {kind: enum-extra, schema: Ticket, field: status, here: deleted, why: exports show deleted tickets}
`

func TestDrift(t *testing.T) {
	for name, tt := range map[string]struct {
		accepted, args string
		code           int
		says           string
	}{
		"unexplained.txt":  {against, "--reference reference", 1, "8 findings: correct our document"},
		"unexplained.json": {against, "--reference reference/openapi --all --json desk", 1, "8 findings"},
		"accepted.txt":     {everything, "--reference reference --all", 0, ""},
		"accepted.json":    {everything, "--reference reference --json", 0, ""},
		"stale.txt":        {everything + "  - {kind: style, place: '*', why: the styles differ here}\n", "--reference reference", 1, "1 finding:"},
		"source.txt":       {strings.Replace(everything, ", articles.json", "", 1), "--reference reference", 1, "1 finding:"},
		"two.txt":          {"", "--spec specs/desk/openapi.yaml --against reference/openapi/desk.yaml.gz --against reference/openapi/articles.json", 1, "8 findings"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := weir(driftFolder(t, tt.accepted), append([]string{"drift"}, strings.Fields(tt.args)...)...)
			if code != tt.code || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit status %d, %q, want %d, %q", code, stderr, tt.code, tt.says)
			}
			golden(t, filepath.Join("testdata/drift", name), stdout)
			for line := range strings.Lines(stdout) {
				if strings.HasSuffix(name, ".json") && !json.Valid([]byte(line)) {
					t.Errorf("no object: %s", line)
				}
			}
		})
	}
}

func TestDriftErrors(t *testing.T) {
	for args, want := range map[string]struct {
		accepted string
		code     int
		says     string
	}{
		"":                                                      {against, 2, "name the folder with the vendors' documents by --reference"},
		"--reference reference --all":                           {"", 1, "no provider of specs has a drift.yaml"},
		"--reference nowhere":                                   {against, 1, "--reference: nowhere is no folder"},
		"--reference reference desc":                            {against, 1, `no provider "desc" in specs: did you mean desk?`},
		"--reference reference other":                           {against, 1, "read the accepted differences: "},
		"--reference reference desk":                            {"accepted: []", 1, "specs/desk/drift.yaml names no document of the vendor"},
		"--reference reference":                                 {"against: [dask.yaml]", 1, "read the vendor's document: "},
		"--reference ./reference":                               {"against: [broken.yaml.gz]", 1, "broken.yaml.gz: gzip: invalid header"},
		"--reference reference/":                                {"against: [cut.yaml.gz]", 1, "cut.yaml.gz: unexpected EOF"},
		"--reference reference/openapi":                         {"against: [no-spec.yaml.gz]", 1, "no-spec.yaml.gz:1: this is no OpenAPI document"},
		"--reference reference --json":                          {"agains: [a]", 1, "specs/desk/drift.yaml:1: drift.yaml has no key agains: did you mean against?"},
		"--spec a.yaml":                                         {"", 2, "--spec and --against go together"},
		"--against a.yaml":                                      {"", 2, "--spec and --against go together"},
		"--spec a.yaml --against b.yaml":                        {"", 1, "read the document: "},
		"--spec a.yaml --against b.yaml desk":                   {"", 2, "desk: a provider of specs/ and --spec exclude each other"},
		"--spec a --against b --reference c":                    {"", 2, "--reference and --spec exclude each other"},
		"--spec specs/desk/openapi.yaml --against b --accept c": {"", 1, "read the accepted differences: "},
		"--spec specs/desk/openapi.yaml --against b --annotations c": {"", 1, "read the annotations: "},
		"--unknown": {"", 2, "see weir help drift"},
	} {
		code, stdout, stderr := weir(driftFolder(t, want.accepted), append([]string{"drift"}, strings.Fields(args)...)...)
		if code != want.code || !strings.Contains(stderr, want.says) || stdout != "" {
			t.Errorf("drift %s: exit status %d, %q, want %d, %q; printed %q", args, code, stderr, want.code, want.says, stdout)
		}
	}
	code, stdout, _ := weir(".", "help", "drift")
	for _, want := range []string{"usage: weir drift", "--against FILE", "--reference DIR", "--accept FILE", "--all", "--json"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("weir help drift lacks %q: %s", want, stdout)
		}
	}
}

// TestDriftFiles reads the accepted differences of weir's own providers. What
// they fit shows only beside the vendors' documents, which are not here: make drift.
func TestDriftFiles(t *testing.T) {
	files, err := filepath.Glob("../../specs/*/" + driftFile)
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		accepted, err := readAccepted(Environment{Dir: "."}, file)
		if err != nil {
			t.Error(err)
		} else if len(accepted.Against) == 0 {
			t.Errorf("%s names no document of the vendor", file)
		}
	}
}
