package redisbudget

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// This file is why Redis was not reached, or what it has answered.

// errHeldUp is why leases have ended though no contact has failed.
var errHeldUp = errors.New("redisbudget: no contact was made for five heartbeats: this process, or its clock, was held up")

// why is the cause of being away, under the lock.
func (l *Ledger) why() error {
	if l.cause == nil {
		return errHeldUp
	}
	return l.explain("a contact", l.cause)
}

// failed notes why a contact failed, under the lock, and reports whether to tell of
// it before leases end. A reply that came too late (nil) is no failure of Redis's.
func (l *Ledger) failed(err error) bool {
	if err == nil {
		return false
	}
	if l.cause == nil || !errors.Is(err, context.DeadlineExceeded) { // which tells less than another that came before
		l.cause = err
	}
	if l.toldAway || l.toldCause || !lasting(err) {
		return false
	}
	l.toldCause = true
	return true
}

// redisError is an error that the script has met and passed on.
type redisError string

func (e redisError) Error() string { return string(e) }

// RedisError implements redis.Error.
func (e redisError) RedisError() {}

// unreachable reports whether a later attempt may find Redis.
func unreachable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || cut(err) || says(err, "LOADING", "CLUSTERDOWN", "MASTERDOWN")
}

// cut reports whether the other side has ended the connection.
func cut(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// certificate reports whether the two sides do not agree on TLS.
func certificate(err error) bool {
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &untrusted) || errors.As(err, &plain) || errors.As(err, &alert)
}

// lasting reports whether Redis has answered, and waiting will not change the answer.
// What a failover or a restart answers while it lasts is not of the kind.
func lasting(err error) bool {
	var answered redis.Error
	return errors.As(err, &answered) &&
		!says(err, "LOADING", "BUSY", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN", "MOVED", "ASK", "UNBLOCKED", "ERR max number of clients")
}

// says reports whether Redis's error begins with one of these, be it a script's own.
func says(err error, codes ...string) bool {
	text := err.Error()
	for _, code := range codes {
		if strings.HasPrefix(text, code) || strings.Contains(text, ": -"+code) { // Redis 6 and before tell of a script's errors so
			return true
		}
	}
	return false
}

// explain says what to do about an error of Redis.
func (l *Ledger) explain(doing string, err error) error {
	text := err.Error()
	advice := ""
	switch {
	case strings.Contains(text, "WEIR config"):
		advice = "members of a namespace must agree on speed, heartbeat, linger and PartitionSafe; give others their own with WithNamespace"
	case strings.Contains(text, "WEIR version"):
		advice = "another version of weir keeps its counters there; run one version in a namespace, and give the other its own with WithNamespace"
	case strings.Contains(text, "WEIR foreign"), says(err, "WRONGTYPE"):
		advice = "something else is kept under this key; take another name with WithNamespace"
	case says(err, "NOAUTH", "WRONGPASS", "ERR AUTH"):
		advice = "check the client's user name and password"
	case doing == "the channel of news":
		advice = "the user must be allowed subscribe and publish on the channels weir:*; without, each member learns of refusals at its next heartbeat"
	case says(err, "NOPERM"), strings.Contains(text, "ACL failure"), strings.Contains(text, "can't run this command or subcommand"):
		advice = "the user must be allowed evalsha, eval, time, type, get and set on the keys weir:*"
	case strings.Contains(text, "DB index"), strings.Contains(text, "SELECT is not allowed"):
		advice = "check the client's database number"
	case says(err, "OOM"):
		advice = "raise that Redis's maxmemory; the counters need it to evict nothing"
	case says(err, "MISCONF"):
		advice = "that Redis takes no writes while it cannot write to its disk"
	case says(err, "NOREPLICAS"):
		advice = "that Redis takes no writes while it has too few replicas"
	case says(err, "READONLY"):
		advice = "the client has found a replica; give it the primary"
	case strings.Contains(text, "replicate_commands"), strings.Contains(text, "non deterministic"), strings.Contains(text, "unknown command"):
		advice = "Redis 5 or later is needed, with scripts"
	case certificate(err):
		advice = "check the client's TLSConfig"
	case cut(err) && doing == "joining":
		advice = "check the client's address, and whether it needs a TLSConfig; WithWait has New wait for it"
	case errors.Is(err, context.DeadlineExceeded) && doing != "joining":
		return fmt.Errorf("redisbudget: %s: no reply within %v: %w (check whether Redis runs, and the way to it; WithTimeout sets the bound)", doing, l.timeout, err)
	case unreachable(err):
		advice = "check the client's address; WithWait has New wait for it"
		if doing != "joining" {
			advice = "check whether Redis runs, and the way to it"
		}
	default:
		return fmt.Errorf("redisbudget: %s: %w", doing, err)
	}
	return fmt.Errorf("redisbudget: %s: %w (%s)", doing, err, advice)
}
