package main

import "testing"

// TestBuilds compares two programs that are built in no time.
func TestBuilds(t *testing.T) {
	var got []built
	m := &meter{rounds: 2, report: func(line any) error {
		got = append(got, line.(built))
		return nil
	}}
	if err := m.compareBuilds(program{"small", "testdata/build/small"}, program{"smaller", "testdata/build/smaller"}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d reports, want 1", len(got))
	}
	b := got[0]
	if b.Bench != "build" || b.Peer != "smaller" || b.Ratio <= 0 || b.MemoryRatio <= 0 || b.OursCPU <= 0 || b.PeerMemory <= 0 || b.PeerBinary <= 0 {
		t.Errorf("the report is %+v", b)
	}
	if err := m.compareBuilds(program{"small", "testdata/build/small"}, program{"none", "testdata/build/none"}); err == nil {
		t.Error("a program that is not there was built")
	}
}
