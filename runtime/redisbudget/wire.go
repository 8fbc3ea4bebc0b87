package redisbudget

import (
	"embed"
	"strings"

	"github.com/weirkit/weir/runtime/budget"
)

//go:embed script
var scripts embed.FS

// script is the whole of what happens in Redis: one call of it is one contact.
// Its parts build on those before them.
var script = func() string {
	var b strings.Builder
	for _, part := range []string{"store", "members", "silent", "charges", "news", "parts", "grant", "contact"} {
		text, err := scripts.ReadFile("script/" + part + ".lua")
		if err != nil {
			panic(err) // it is embedded
		}
		b.Write(text)
	}
	return b.String()
}()

// ask is the request of a contact. Times are milliseconds of the ledger's clock,
// from now on.
type ask struct {
	Name      string       `json:"name"`
	Incarnate string       `json:"inc"`           // of the process that goes by that name
	Fresh     string       `json:"fresh"`         // names what begins with this call, if something does
	Gen       string       `json:"gen"`           // as the last reply named it; empty at first
	Attempt   int          `json:"k"`             // of this call
	Low       float64      `json:"low,omitempty"` // what Redis's clock says at the least
	Until     float64      `json:"by,omitempty"`  // and at the end of our leases
	Batch     int          `json:"n"`             // of the reports in it
	Acked     int          `json:"ack"`           // the last batch that had a reply
	Now       float64      `json:"now,omitempty"`
	Speed     float64      `json:"speed"`
	Heartbeat float64      `json:"hb"`
	Linger    float64      `json:"linger"`
	Reserve   float64      `json:"rsv"`     // for how long what a silent member holds is reserved; 0 for not at all
	Longest   float64      `json:"longest"` // the longest time for which an answered charge counts
	Away      bool         `json:"away,omitempty"`
	Restate   bool         `json:"restate,omitempty"`
	Leave     bool         `json:"leave,omitempty"`
	Members   int          `json:"p"` // as the last reply said
	Others    []string     `json:"others"`
	Counters  []counterAsk `json:"c"`
}

// counterAsk is what a contact says and wants of one counter.
type counterAsk struct {
	Kind   string       `json:"k"`
	Unit   float64      `json:"u"`    // of a bucket: in which one unit of cost drains
	Life   float64      `json:"life"` // of a window: how long an answered charge counts
	Size   int          `json:"n"`
	Heard  int          `json:"r"` // the last call that had a reply for it
	Out    int          `json:"o"` // leased, and not reported as answered
	Want   int          `json:"w,omitempty"`
	Least  int          `json:"x,omitempty"` // less would be of no use
	Stamps [][3]float64 `json:"s,omitempty"`
	Back   [][2]float64 `json:"b,omitempty"` // handed on to us before they were free, and not used
	Ends   [][2]float64 `json:"ends,omitempty"`
	Tells  bool         `json:"te,omitempty"` // we know that ends are told
	Left   [][3]float64 `json:"left,omitempty"`
	Drains float64      `json:"dr,omitempty"` // of a bucket: when what it was said to hold is gone
	Freeze float64      `json:"f,omitempty"`
	Told   int          `json:"told,omitempty"`
	Blind  int          `json:"blind,omitempty"`
	Good   int          `json:"good,omitempty"`
	Has    int          `json:"has"` // of a bucket: what is in hand or was used in the last turnover
	Uses   []useAsk     `json:"cl,omitempty"`

	uses []budget.Use // of which Uses tells
}

// useAsk is what a contact says of one kind of calls.
type useAsk struct {
	Class  int     `json:"c"`           // 1 is the most urgent
	Share  float64 `json:"s"`           // of a class
	Demand int     `json:"d,omitempty"` // a stated one
	Rank   int     `json:"r,omitempty"` // of that
	Used   int     `json:"u"`
	Want   int     `json:"w"` // part of the counter's
	Active float64 `json:"a"` // for how long, if it does no more
}

// answer is the reply to an ask.
type answer struct {
	Stale    bool            `json:"stale"` // a later call came first
	Taken    bool            `json:"taken"` // another process goes by this name
	Restate  bool            `json:"restate"`
	Gen      string          `json:"gen"`
	Members  int             `json:"p"`
	Others   []string        `json:"others"`
	Now      string          `json:"now"`  // of Redis's clock
	Longest  float64         `json:"long"` // the longest of all members
	Recovery float64         `json:"rec"`  // nothing is granted for so long at the most
	Mute     string          `json:"mute"` // why nobody else was told at once of what this call has told
	Counters []counterAnswer `json:"c"`
}

type counterAnswer struct {
	Granted  [][2]float64 `json:"g"` // not before, cost
	Freeze   float64      `json:"f"`
	Told     int          `json:"t"`
	Smaller  int          `json:"l"` // the limit as another member has it
	End      []float64    `json:"e"` // of the window, at the earliest and at the latest
	Retry    float64      `json:"y"` // when more could be had
	Parts    []int        `json:"a"` // of the limit, for each of the uses, where all together want more
	Yield    bool         `json:"v"` // it is the turn of others, who lack what they need
	Conflict string       `json:"x"`
}
