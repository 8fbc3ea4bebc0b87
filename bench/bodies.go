package main

// This file has what the server answers: made up, of the size and the build of
// what providers of issues and tickets answer.

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const pageItems = 100

// summary is a small answer, of 84 bytes.
type summary struct {
	ID      int64    `json:"id"`
	Subject string   `json:"subject"`
	Status  string   `json:"status"`
	Tags    []string `json:"tags"`
}

func smallBody() []byte {
	return encode(summary{ID: 4711, Subject: "A printer's on fire", Status: "open", Tags: []string{"urgent", "fire"}})
}

// item is one of a page, some 4 KB.
type item struct {
	ID        int64             `json:"id"`
	NodeID    string            `json:"node_id"`
	URL       string            `json:"url"`
	HTMLURL   string            `json:"html_url"`
	Number    int               `json:"number"`
	Title     string            `json:"title"`
	Body      string            `json:"body"`
	State     string            `json:"state"`
	Locked    bool              `json:"locked"`
	Comments  int               `json:"comments"`
	User      user              `json:"user"`
	Assignees []user            `json:"assignees"`
	Labels    []label           `json:"labels"`
	Milestone *milestone        `json:"milestone"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	ClosedAt  *time.Time        `json:"closed_at"`
	Reactions map[string]int    `json:"reactions"`
	Fields    map[string]string `json:"fields"`
}

type user struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	NodeID    string `json:"node_id"`
	AvatarURL string `json:"avatar_url"`
	URL       string `json:"url"`
	HTMLURL   string `json:"html_url"`
	ReposURL  string `json:"repos_url"`
	EventsURL string `json:"events_url"`
	Type      string `json:"type"`
	Admin     bool   `json:"site_admin"`
}

type label struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Color       string `json:"color"`
	Description string `json:"description"`
	Default     bool   `json:"default"`
}

type milestone struct {
	ID    int64     `json:"id"`
	Title string    `json:"title"`
	Open  int       `json:"open_issues"`
	DueOn time.Time `json:"due_on"`
}

type pageOfItems struct {
	Items []item  `json:"items"`
	Next  *string `json:"next"`
}

func pageBody() []byte {
	p := pageOfItems{Items: make([]item, pageItems)}
	for i := range p.Items {
		p.Items[i] = itemOf(i)
	}
	return encode(p)
}

func itemOf(i int) item {
	at := time.Date(2026, 3, 1, 8, 0, i, 0, time.UTC)
	it := item{
		ID: int64(2_000_000_000 + i), NodeID: fmt.Sprintf("I_kwDOABCDEF5%06d", i), Number: i,
		URL:     fmt.Sprintf("https://api.example.com/repos/acme/rocket/issues/%d", i),
		HTMLURL: fmt.Sprintf("https://example.com/acme/rocket/issues/%d", i),
		Title:   fmt.Sprintf("Staging fails to separate at altitude %d", i),
		Body: strings.Repeat("The second stage did not separate, as \"sensor 7\" said.\n"+
			"Naïve retries made it worse; see the log below.\n\n\tat separate (stage.go:88)\n", 11),
		State: "open", Comments: i % 9, User: userOf(i),
		Assignees: []user{userOf(i + 1), userOf(i + 2)},
		Milestone: &milestone{ID: 12, Title: "Orbit", Open: 77, DueOn: at.AddDate(0, 3, 0)},
		CreatedAt: at, UpdatedAt: at.Add(time.Hour),
		Reactions: map[string]int{"+1": i % 5, "-1": 0, "heart": 1, "rocket": i},
		Fields:    map[string]string{"severity": "high", "component": "staging", "reporter": "telemetry"},
	}
	for j := range 4 {
		it.Labels = append(it.Labels, label{
			ID: int64(900 + j), Name: fmt.Sprintf("area/stage-%d", j), Color: "d73a4a",
			Description: "Something about a stage of the rocket does not work",
		})
	}
	return it
}

func userOf(i int) user {
	base := fmt.Sprintf("https://api.example.com/users/engineer-%03d", i)
	return user{
		ID: int64(50_000 + i), Login: fmt.Sprintf("engineer-%03d", i), NodeID: fmt.Sprintf("U_kgDOB%05d", i),
		AvatarURL: base + "/avatar?v=4", URL: base, HTMLURL: base + "/profile", ReposURL: base + "/repos",
		EventsURL: base + "/events{/privacy}", Type: "User",
	}
}

func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // the values are the ones above
	}
	return body
}
