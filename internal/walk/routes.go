package walk

// This file holds the routes of a whole SDK to their templates.

import (
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/route"
)

// Routes fills every path template of the API several times with made-up values,
// some of which are words of other templates, and has the router find the
// operation. It is an error where it finds another one, unless that one's template
// matches too and has a word where this one's has a parameter, or is the same.
func Routes(t *testing.T, desc *api.API) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for _, problem := range routes(desc.Operations, random, 20) {
		t.Error(problem)
	}
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func routes(operations []*api.Operation, random *rand.Rand, times int) (problems []string) {
	servers := map[string][]*api.Operation{}
	for _, op := range operations {
		servers[op.Server] = append(servers[op.Server], op)
	}
	for _, group := range servers {
		router, err := route.New(group)
		if err != nil {
			return []string{err.Error()}
		}
		words := wordsOf(group)
		for _, op := range group {
			for range times {
				path := filled(op.Path, words, random)
				if found := router.Match(op.Method, path); found != op && !goesBefore(found, op, path) {
					problems = append(problems, op.Method+" "+path+" of "+op.Name+" is found to be "+nameOf(found))
					break
				}
			}
		}
	}
	return problems
}

func nameOf(op *api.Operation) string {
	if op == nil {
		return "none"
	}
	return op.Name
}

// wordsOf are the texts that are whole segments of templates.
func wordsOf(operations []*api.Operation) []string {
	seen := map[string]bool{}
	for _, op := range operations {
		for word := range strings.SplitSeq(withoutQuery(op.Path), "/") {
			if word != "" && !strings.Contains(word, "{") {
				seen[word] = true
			}
		}
	}
	var words []string
	for word := range seen {
		words = append(words, word)
	}
	slices.Sort(words) // so that a failure can be repeated
	return words
}

func withoutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// filled is a template with a value for each parameter: a word, a number, or what
// has to be escaped.
func filled(template string, words []string, random *rand.Rand) string {
	return parameter.ReplaceAllStringFunc(withoutQuery(template), func(string) string {
		switch random.IntN(4) {
		case 0:
			return url.PathEscape(words[random.IntN(len(words))])
		case 1:
			return url.PathEscape("a/b ü" + string(rune('a'+random.IntN(26))))
		}
		return strings.Repeat("7", 1+random.IntN(9))
	})
}

// goesBefore reports whether a template is rightly found in another's place: it
// matches by a regular expression, and has text at the first segment where the two
// differ; or they do not differ.
func goesBefore(found, op *api.Operation, path string) bool {
	if found == nil || found.Method != op.Method {
		return false
	}
	var expression strings.Builder
	for i, text := range parameter.Split(withoutQuery(found.Path), -1) {
		if i > 0 {
			expression.WriteString("[^/]+")
		}
		expression.WriteString(regexp.QuoteMeta(text))
	}
	if !regexp.MustCompile("^" + expression.String() + "$").MatchString(path) {
		return false
	}
	theirs := strings.Split(parameter.ReplaceAllString(withoutQuery(found.Path), "{}"), "/")
	ours := strings.Split(parameter.ReplaceAllString(withoutQuery(op.Path), "{}"), "/")
	for i := range min(len(theirs), len(ours)) {
		if theirs[i] != ours[i] {
			return textIn(theirs[i]) > textIn(ours[i])
		}
	}
	return len(theirs) == len(ours)
}

// textIn is how much of a segment is text; what has no parameter has most.
func textIn(segment string) int {
	if !strings.Contains(segment, "{") {
		return 1 << 20
	}
	return len(segment)
}
