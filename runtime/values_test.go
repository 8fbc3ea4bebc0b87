package runtime

import (
	"encoding/json"
	"testing"
	"time"
)

func TestNullable(t *testing.T) {
	type body struct {
		A Nullable[string] `json:"a,omitzero"`
		B Nullable[string] `json:"b,omitzero"`
		C Nullable[string] `json:"c,omitzero"`
	}
	got, err := json.Marshal(body{A: Value("x"), B: Null[string]()})
	if want := `{"a":"x","b":null}`; err != nil || string(got) != want {
		t.Errorf("Marshal = %s, %v; want %s", got, err, want)
	}
	var back body
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if v, ok := back.A.Get(); v != "x" || !ok || !back.B.IsNull() || !back.C.IsZero() {
		t.Errorf("Unmarshal = %+v", back)
	}
}

func TestDate(t *testing.T) {
	type body struct {
		Day Date `json:"day,omitzero"`
	}
	var b body
	if err := json.Unmarshal([]byte(`{"day":"2026-02-28"}`), &b); err != nil {
		t.Fatal(err)
	}
	if want := (Date{2026, time.February, 28}); b.Day != want {
		t.Errorf("day = %v, want %v", b.Day, want)
	}
	if got, _ := json.Marshal(b); string(got) != `{"day":"2026-02-28"}` {
		t.Errorf("Marshal = %s", got)
	}
	if got, _ := json.Marshal(body{}); string(got) != `{}` {
		t.Errorf("a zero date is sent as %s", got)
	}
	if err := json.Unmarshal([]byte(`{"day":"28.2.2026"}`), &b); err == nil {
		t.Error("a German date is taken for one of ours")
	}
	if got := b.Day.Time(time.UTC).AddDate(0, 0, 1); DateOf(got) != (Date{2026, time.March, 1}) {
		t.Errorf("the day after = %v", DateOf(got))
	}
}

func TestUnion(t *testing.T) {
	var u Union
	if err := json.Unmarshal([]byte(`{"id":3,"new":"kept"}`), &u); err != nil {
		t.Fatal(err)
	}
	v, err := As[struct{ ID int }](u)
	if err != nil || v.ID != 3 {
		t.Errorf("As = %v, %v", v, err)
	}
	if _, err := As[string](u); err == nil {
		t.Error("an object is read as a string")
	}
	if got, _ := json.Marshal(u); string(got) != `{"id":3,"new":"kept"}` {
		t.Errorf("Marshal = %s", got)
	}
	if got, _ := json.Marshal(UnionOf("x")); string(got) != `"x"` {
		t.Errorf("UnionOf marshals as %s", got)
	}
	if _, err := As[string](Union{}); err == nil || !(Union{}).IsZero() {
		t.Error("an empty union has a value")
	}
}
