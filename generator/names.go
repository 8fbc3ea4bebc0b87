package generator

// This file is the whole naming policy: how words of a vendor's document become
// Go identifiers and file names. Its functions are pure; scope.go keeps the
// names that come out of them unique.

import (
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// initialisms are written in capitals wherever they are a word of their own.
var initialisms = words2set(`ACL AI API ASCII CC CDN CORS CPU CRM CSS CSV CVE CVSS CWE DB DND DNS EKM EOF EPSS FAQ GDPR GHSA GPG GUID HTML HTTP HTTPS
	ID IM IMAP IP ITAM JSON JWT LDAP LFS MFA MPIM NVD OIDC OTP PDF PNG QPS RAM RPC RSS RTM SAML SARIF SBOM SCIM SDK SHA SIP
	SLA SMS SMTP SPDX SQL SSH SSL SSO SVG TCP TLS TS TTL TZ UDP UI UID URI URL URN UTC UTF8 UUID VM VPN XML XSRF XSS YAML
	ZIP`)

// spellings are words with capitals of their own.
var spellings = map[string]string{
	"oauth": "OAuth", "oauth2": "OAuth2", "github": "GitHub", "graphql": "GraphQL", "openid": "OpenID", "ipv4": "IPv4", "ipv6": "IPv6",
}

// symbols are read aloud where a name has nothing else, as operators in enums.
var symbols = map[string]string{
	"": "empty", "*": "all", "=": "equal", "==": "equal", "!=": "not equal", "<": "less than", ">": "greater than",
	"<=": "at most", ">=": "at least", "+": "plus", "-": "minus", "~": "like", "/": "slash", "%": "percent", "&": "and", "|": "or",
}

func words2set(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[strings.ToLower(w)] = true
	}
	return set
}

// splitWords cuts a name into its words: at everything that is neither letter
// nor digit, and at changes of case, so that SLAPolicies is SLA and Policies,
// and userIDs is user and IDs.
func splitWords(name string) []string {
	if spoken, ok := symbols[strings.TrimSpace(name)]; ok {
		return strings.Fields(spoken)
	}
	var words []string
	if len(name) > 1 && unicode.IsDigit(rune(name[1])) {
		switch name[0] { // GitHub's reactions are +1 and -1
		case '+':
			words = append(words, "plus")
		case '-':
			words = append(words, "minus")
		}
	}
	// An apostrophe does not end a word: user's is users.
	name = strings.NewReplacer("'", "", "’", "").Replace(name)
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return !isNameRune(r) }) {
		words = append(words, splitCase([]rune(part))...)
	}
	return words
}

// isNameRune leaves out the letters that Go identifiers may have but that no
// case folding round-trips (and combining marks, which they may not have).
func isNameRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// splitCase cuts one run of letters and digits where a capital begins a word.
func splitCase(r []rune) []string {
	var words []string
	start := 0
	for i := 1; i < len(r); i++ {
		if !unicode.IsUpper(r[i]) {
			continue
		}
		endsRun := i+1 < len(r) && unicode.IsLower(r[i+1]) && !isPluralEnd(r, i+1)
		if !unicode.IsUpper(r[i-1]) || endsRun {
			words = append(words, string(r[start:i]))
			start = i
		}
	}
	words = append(words, string(r[start:]))
	return joinKnown(words)
}

// isPluralEnd reports whether the s at i ends a plural in capitals (IDs, URLs).
func isPluralEnd(r []rune, i int) bool {
	return r[i] == 's' && (i+1 == len(r) || unicode.IsUpper(r[i+1]))
}

// joinKnown puts together what splitCase cut within a known spelling (O, Auth).
func joinKnown(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		if i+1 < len(words) && spellings[strings.ToLower(words[i]+words[i+1])] == words[i]+words[i+1] {
			out = append(out, words[i]+words[i+1])
			i++
			continue
		}
		out = append(out, words[i])
	}
	return out
}

// title writes one word as it stands within an exported name.
func title(word string) string {
	lower := strings.ToLower(word)
	if s, ok := spellings[lower]; ok {
		return s
	}
	if initialisms[lower] {
		return strings.ToUpper(word)
	}
	if stem, ok := strings.CutSuffix(lower, "s"); ok && initialisms[stem] && len(stem) > 1 {
		return strings.ToUpper(stem) + "s"
	}
	r := []rune(word)
	if len(r) > 3 && strings.ToUpper(word) == word { // SHOUTED, not an abbreviation
		r = []rune(lower)
	}
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// exportedName is the exported Go identifier for a name: ticket_id is TicketID.
func exportedName(name string) string {
	var b strings.Builder
	for _, w := range splitWords(name) {
		t := title(w)
		if s := b.String(); s != "" && isDigit(s[len(s)-1]) && isDigit(t[0]) {
			b.WriteByte('_') // 1.1 is not 11
		}
		b.WriteString(t)
	}
	out := b.String()
	if out == "" || !unicode.IsUpper([]rune(out)[0]) {
		return "X" + out // a digit, or a letter of a script without capitals
	}
	return out
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// unexportedName is the unexported Go identifier for a name: ticket_id is
// ticketID, URL is url. It may be a keyword; see argumentName.
func unexportedName(name string) string {
	words := splitWords(name)
	if len(words) == 0 {
		return "x"
	}
	first := strings.ToLower(words[0])
	rest := exportedName(strings.Join(words[1:], "_"))
	if len(words) == 1 {
		rest = ""
	}
	if isDigit(first[len(first)-1]) && rest != "" && isDigit(words[1][0]) {
		rest = "_" + strings.TrimPrefix(rest, "X")
	}
	if !unicode.IsLower([]rune(first)[0]) {
		first = "x" + first // a digit, or a letter of a script without lower case
	}
	return first + rest
}

// takenInMethods are the names that a generated method's body uses, and the
// packages that its signature may name.
var takenInMethods = strings.Fields("s ctx params opts body context iter runtime page api time json io url")

// argumentName is the name of a method's argument, which shadows nothing that
// the method needs and no predeclared name.
func argumentName(name string) string {
	arg := unexportedName(name)
	if token.IsKeyword(arg) || slices.Contains(takenInMethods, arg) || isPredeclared(arg) {
		return arg + "Value"
	}
	return arg
}

// isPredeclared reports whether generated code would suffer from shadowing name.
func isPredeclared(name string) bool {
	return slices.Contains(strings.Fields(`any bool byte error float64 int int64 string true false nil iota append
		cap clear close copy len make max min new panic print println real recover rune uint complex delete imag`), name)
}

// singular is the singular of an English noun, well enough to compare by.
func singular(word string) string {
	w := strings.ToLower(word)
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "ches"),
		strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "uses"):
		return w[:len(w)-2]
	case len(w) > 2 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		return w[:len(w)-1]
	}
	return w
}

func sameNoun(a, b string) bool { return singular(a) == singular(b) }

// typeWish is the name that a component schema would like to have. A suffix
// which says only that a schema is one is dropped: TicketObject is Ticket. It
// stays where the whole name is a noun of the provider's (a tag), as
// CustomObject is at Zendesk.
func typeWish(component string, tags []string) string {
	full := exportedName(component)
	words := splitWords(component)
	n := len(words)
	if n < 2 || !slices.Contains([]string{"object", "schema"}, strings.ToLower(words[n-1])) {
		return full
	}
	for _, tag := range tags {
		if slices.EqualFunc(splitWords(tag), words, sameNoun) {
			return full
		}
	}
	return exportedName(strings.Join(words[:n-1], "_"))
}

// serviceName names the service that an operation belongs to: its first tag;
// or, without tags, what stands before the last separator of its id; or the
// first fixed part of its path that is not a version.
func serviceName(tags []string, operationID, path string) string {
	if len(tags) > 0 && strings.TrimSpace(tags[0]) != "" {
		return exportedName(tags[0])
	}
	if i := strings.LastIndexAny(operationID, "./"); i > 0 {
		return exportedName(operationID[:i])
	}
	for _, part := range fixedParts(path) {
		if !isVersion(part) {
			return exportedName(part)
		}
	}
	return "Root"
}

func isVersion(part string) bool {
	p := strings.ToLower(part)
	if p == "api" || p == "rest" {
		return true
	}
	p = strings.TrimPrefix(p, "v")
	return p != "" && strings.Trim(p, "0123456789.") == ""
}

// fixedParts are the parts of a path outside of braces, without extensions.
func fixedParts(path string) []string {
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || strings.Contains(part, "{") {
			continue
		}
		parts = append(parts, strings.TrimSuffix(part, ".json"))
	}
	return parts
}

// methodName names an operation within its service: its id without the noun
// that the service's name says already. ListTickets is List among Tickets, and
// CreateTicketFromTweet is CreateFromTweet. The id stays whole where a cut would
// make another thing of it: ListPostCommentVotes lists votes of comments, not comments.
func methodName(operationID, method, path, service string) string {
	if operationID == "" {
		operationID = strings.ToLower(method) + "_" + strings.Join(slices.DeleteFunc(fixedParts(path), isVersion), "_")
		for part := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(part, "{") {
				operationID += "_by_" + part
			}
		}
	}
	whole := exportedName(operationID)
	if i := strings.LastIndexAny(operationID, "./"); i >= 0 && i+1 < len(operationID) {
		operationID = operationID[i+1:]
		whole = exportedName(operationID)
	}
	words, noun := splitWords(operationID), splitWords(service)
	for i := 0; i+len(noun) <= len(words); i++ {
		if !slices.EqualFunc(words[i:i+len(noun)], noun, sameNoun) {
			continue
		}
		if i == 0 && !slices.EqualFunc(words[:len(noun)], noun, strings.EqualFold) {
			continue // UploadBytes: here upload is the verb
		}
		rest := slices.Concat(words[:i], words[i+len(noun):])
		if len(rest) == 0 || isPreposition(rest[0]) || i > 1 && (namesResource(words[1:i], path) || isCompound(words[i-1], noun, path)) {
			return whole
		}
		return exportedName(strings.Join(rest, "_"))
	}
	// A verb with the last word of the noun: DeleteComment among TicketComments.
	if len(words) == 2 && sameNoun(words[1], noun[len(noun)-1]) {
		return exportedName(words[0])
	}
	return whole
}

func isPreposition(word string) bool {
	return slices.Contains([]string{"by", "for", "from", "in", "of", "on", "to", "with", "and", "or"}, strings.ToLower(word))
}

// namesResource reports whether one of the words is a noun of the path.
func namesResource(words []string, path string) bool {
	for _, part := range fixedParts(path) {
		for _, noun := range splitWords(part) {
			if slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && strings.HasSuffix(noun, "s") && sameNoun(w, noun) }) {
				return true
			}
		}
	}
	return false
}

// isCompound reports whether the path has a noun of the word and the service's
// noun: among Issues, sub_issues are another thing.
func isCompound(word string, noun []string, path string) bool {
	for _, part := range fixedParts(path) {
		words := splitWords(part)
		for i := 0; i+1+len(noun) <= len(words); i++ {
			if sameNoun(words[i], word) && slices.EqualFunc(words[i+1:i+1+len(noun)], noun, sameNoun) {
				return true
			}
		}
	}
	return false
}

// fixedFiles are the generated files that every package has.
var fixedFiles = []string{"types", "operations", "api", "client"}

// fileName is the file of a service, without .gen.go: snake case, and never one that the go tool
// takes for another package, platform or purpose. It cuts a name at its first
// dot, so foo_linux.gen.go would be for Linux alone.
func fileName(service string) string {
	var lower []string
	for _, w := range splitWords(service) {
		lower = append(lower, strings.ToLower(w))
	}
	last := lower[len(lower)-1]
	name := strings.Join(lower, "_")
	if slices.Contains(fixedFiles, name) || len(lower) > 1 && (platforms[last] || last == "test") {
		name += "_service"
	}
	return name
}

// platforms are the values of GOOS and GOARCH, past and present.
var platforms = words2set(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9
	solaris wasip1 windows zos 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le
	mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)

// packageName checks the name of a package to generate.
func validPackageName(name string) bool {
	return token.IsIdentifier(name) && name != "_" && name != "main" && strings.ToLower(name) == name
}

// constantSuffix is what the name of an enum's constant has after its type.
func constantSuffix(value string) string {
	name := exportedName(value)
	if len(name) > 1 && name[0] == 'X' && isDigit(name[1]) {
		return name[1:] // the type's name stands before the digit
	}
	return name
}
