package jsonld

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// value is one JSON value with the line it starts on. members and items keep
// the order of the source.
type value struct {
	text    string // of a string, number, true, false
	isText  bool   // a JSON string
	list    bool
	object  bool
	line    int
	items   []value
	members []member
}

type member struct {
	key   string
	line  int
	value value
}

// get gives a member's value by key or by its local name in any prefix; nil if absent.
func (v *value) get(name string) *value {
	for i := range v.members {
		if v.members[i].key == name {
			return &v.members[i].value
		}
	}
	for i := range v.members {
		if local(v.members[i].key) == name {
			return &v.members[i].value
		}
	}
	return nil
}

// all gives the items of a list, or the value itself as the only one.
func (v *value) all() []value {
	switch {
	case v == nil:
		return nil
	case v.list:
		return v.items
	default:
		return []value{*v}
	}
}

// maxDepth bounds nesting: real documents need fewer than ten levels.
const maxDepth = 100

var errDepth = errors.New("nested too deeply")

// reader decodes tokens into values and counts lines as it goes.
type reader struct {
	src         []byte
	d           *json.Decoder
	seen, line  int // offset up to which lines are counted
	diagnostics []diag.Diagnostic
}

func newReader(src []byte, line int) *reader {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	return &reader{src: src, d: d, line: line}
}

func (r *reader) here() int {
	at := int(r.d.InputOffset())
	r.line += bytes.Count(r.src[r.seen:at], []byte{'\n'})
	r.seen = at
	return r.line
}

// read gives the next value; io.EOF at the end.
func (r *reader) read(depth int) (value, error) {
	t, err := r.d.Token()
	if err != nil {
		return value{}, err
	}
	if depth > maxDepth {
		return value{}, errDepth
	}
	v := value{line: r.here()}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			v.object = true
			err = r.readMembers(&v, depth)
		} else {
			v.list = true
			for err == nil && r.d.More() {
				var item value
				if item, err = r.read(depth + 1); err == nil {
					v.items = append(v.items, item)
				}
			}
		}
		if err == nil {
			_, err = r.d.Token()
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
	case string:
		v.text, v.isText = t, true
	case json.Number:
		v.text = t.String()
	case bool:
		v.text = map[bool]string{true: "true", false: "false"}[t]
	}
	return v, err
}

// readMembers reads an object; of a key given twice the last one counts, as in
// every JSON-LD processor.
func (r *reader) readMembers(v *value, depth int) error {
	for r.d.More() {
		t, err := r.d.Token()
		if err != nil {
			return err
		}
		m := member{line: r.here()}
		m.key, _ = t.(string)
		if m.value, err = r.read(depth + 1); err != nil {
			return err
		}
		r.put(v, m)
	}
	return nil
}

func (r *reader) put(v *value, m member) {
	for i := range v.members {
		if v.members[i].key == m.key {
			r.diagnostics = append(r.diagnostics, diag.New(m.line, diag.Warning, diag.JSONLDDuplicateKey,
				"the key %q stands twice in this object and the last one counts: merge them", m.key))
			v.members[i] = m
			return
		}
	}
	v.members = append(v.members, m)
}
