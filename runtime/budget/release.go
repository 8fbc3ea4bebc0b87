package budget

import (
	"cmp"
	"slices"
)

// maxReleases bounds what a snapshot tells of one counter.
const maxReleases = 32

// releases are when a window's charges come free. Where there are many, those
// that are near each other are told as one, by the latest of them.
func (l *Local) releases(c *counter) []Release {
	w, ok := c.meter.(*window)
	if !ok || w.occupied == 0 {
		return nil
	}
	all := make([]stamp, 0, w.untold.len()+len(w.ends))
	for i := range w.untold.len() {
		s := w.untold.index(i)
		all = append(all, stamp{at: s.at.add(w.life()), cost: s.cost})
	}
	for _, e := range w.ends {
		if e.cost > 0 {
			all = append(all, stamp{at: e.latest, cost: e.cost})
		}
	}
	slices.SortStableFunc(all, func(a, b stamp) int { return cmp.Compare(a.at, b.at) })
	each := (len(all) + maxReleases - 1) / maxReleases
	var told []Release
	for part := range slices.Chunk(all, max(each, 1)) {
		r := Release{At: l.time(part[len(part)-1].at)}
		for _, s := range part {
			r.Cost += s.cost
		}
		told = append(told, r)
	}
	return told
}
