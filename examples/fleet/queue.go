package main

// This file is the work: articles to be read, each of them once.

// queue knows of each article whether it waits, who has it, or who has read it.
type queue struct {
	waiting []int64
	held    map[*process]map[int64]bool
	read    map[int64]int // how often
	total   int
}

func newQueue(articles int) *queue {
	q := &queue{held: map[*process]map[int64]bool{}, read: map[int64]int{}, total: articles}
	for n := range articles {
		q.waiting = append(q.waiting, firstArticle+int64(n))
	}
	return q
}

// take gives a process the next article.
func (q *queue) take(p *process) (article int64, ok bool) {
	if len(q.waiting) == 0 {
		return 0, false
	}
	article, q.waiting = q.waiting[0], q.waiting[1:]
	if q.held[p] == nil {
		q.held[p] = map[int64]bool{}
	}
	q.held[p][article] = true
	return article, true
}

// done notes that a process has read an article.
func (q *queue) done(p *process, article int64) {
	delete(q.held[p], article)
	q.read[article]++
}

// giveBack has others read what a process that is gone has not.
func (q *queue) giveBack(p *process) {
	for article := range q.held[p] {
		q.waiting = append(q.waiting, article)
	}
	delete(q.held, p)
}

// complete reports whether all is read.
func (q *queue) complete() bool { return len(q.read) == q.total }

// lost are the articles that were not read once and once only.
func (q *queue) lost() int {
	lost := q.total
	for _, times := range q.read {
		if times == 1 {
			lost--
		}
	}
	return lost
}
