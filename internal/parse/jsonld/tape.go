package jsonld

import (
	"iter"
	"strings"
)

// tape is a JSON text as a flat list of its values in file order: a container
// is followed by what it contains. One slice instead of a tree keeps allocation
// out of the hot path, and text is decoded only where it is wanted.
type tape struct {
	src    string
	nodes  []node
	broken bool // it ends where the text could not be read on
}

type kind uint8

const (
	kindNull kind = iota
	kindBare      // a number, true or false
	kindString
	kindList
	kindObject
)

// node is one value of a tape. Its key (of a member) and text are offsets into src,
// quotation marks excluded.
type node struct {
	keyStart, keyEnd   int32
	textStart, textEnd int32
	line               int32
	next               int32 // index after this value and all that it contains
	kind               kind
	keyEscaped         bool
	textEscaped        bool
	shadowed           bool // a member whose key stands again later in its object
}

// value is one value of a tape. The zero value is an absent one.
type value struct {
	tape *tape
	at   int32
}

func (t *tape) roots() iter.Seq[value] {
	return t.between(0, int32(len(t.nodes)))
}

// between yields the sibling values in nodes[from:end].
func (t *tape) between(from, end int32) iter.Seq[value] {
	return func(yield func(value) bool) {
		for i := from; i < end; i = t.nodes[i].next {
			if !t.nodes[i].shadowed && !yield(value{t, i}) {
				return
			}
		}
	}
}

func (v value) present() bool { return v.tape != nil }

func (v value) node() *node { return &v.tape.nodes[v.at] }

func (v value) is(k kind) bool { return v.present() && v.node().kind == k }

func (v value) line() int { return int(v.node().line) }

// size is the number of values in a value, itself included.
func (v value) size() int { return int(v.node().next - v.at) }

// children yields the members of an object or the items of a list.
func (v value) children() iter.Seq[value] {
	if !v.is(kindObject) && !v.is(kindList) {
		return func(func(value) bool) {}
	}
	return v.tape.between(v.at+1, v.node().next)
}

// key is the key of a member, "" of an item.
func (v value) key() string {
	n := v.node()
	if s := v.tape.src[n.keyStart:n.keyEnd]; n.keyEscaped {
		return unescape(s)
	} else {
		return s
	}
}

// hasKey reports whether the value is a member of that key.
func (v value) hasKey(key string) bool {
	n := v.node()
	return (int(n.keyEnd-n.keyStart) == len(key) || n.keyEscaped) && v.key() == key
}

// raw is the text of a string, number, true or false, "" of anything else.
func (v value) raw() string {
	n := v.node()
	if s := v.tape.src[n.textStart:n.textEnd]; n.textEscaped {
		return unescape(s)
	} else {
		return s
	}
}

// keyword gives the member with exactly that key.
func (v value) keyword(key string) value {
	if v.is(kindObject) {
		for m := range v.children() {
			if m.key() == key {
				return m
			}
		}
	}
	return value{}
}

// all yields the value itself, or the items of a list, an @list or a @set, at
// any depth.
func (v value) all() iter.Seq[value] {
	return func(yield func(value) bool) { v.each(yield) }
}

func (v value) each(yield func(value) bool) bool {
	if !v.present() || v.is(kindNull) {
		return true
	}
	if v.is(kindObject) {
		list := v.keyword("@list")
		if !list.present() {
			list = v.keyword("@set")
		}
		if !list.present() {
			return yield(v)
		}
		v = list
	}
	if !v.is(kindList) {
		return yield(v)
	}
	for item := range v.children() {
		if !item.each(yield) {
			return false
		}
	}
	return true
}

// text gives the first text that a value holds: a scalar, a value object, the
// value of a language map. Among several, one without a language or in English
// is preferred. "" if there is none.
func (v value) text() string {
	first := ""
	for x := range v.all() {
		s, preferred := x.literal()
		if s != "" && preferred {
			return s
		}
		if first == "" {
			first = s
		}
	}
	return first
}

// literal gives the text of one value and whether no other is better.
func (v value) literal() (s string, preferred bool) {
	if !v.is(kindObject) {
		return v.raw(), true
	}
	if x := v.keyword("@value"); x.present() {
		language := ""
		if l := v.keyword("@language"); l.present() {
			language = l.raw()
		}
		return x.raw(), isEnglish(language)
	}
	for m := range v.children() {
		if strings.HasPrefix(m.key(), "@") || m.is(kindObject) || m.is(kindList) || !isLanguage(m.key()) {
			return "", false
		}
		if text := m.raw(); s == "" || isEnglish(m.key()) {
			s = text
		}
	}
	return s, true
}

func isEnglish(language string) bool {
	return language == "" || len(language) >= 2 && strings.EqualFold(language[:2], "en") && (len(language) == 2 || language[2] == '-')
}

// isLanguage reports whether a key has the form of a language tag, such as en
// or pt-BR.
func isLanguage(key string) bool {
	primary, _, _ := strings.Cut(key, "-")
	if len(primary) < 2 || len(primary) > 3 {
		return false
	}
	for i := range len(primary) {
		if c := primary[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
