package jsonld

import (
	"encoding/json"
	"maps"
	"slices"
)

// shrink makes a document as small as it gets while it stays interesting: it
// takes members and items away, one after the other.
func shrink(src string, interesting func(string) bool) string {
	for again := true; again; {
		again = false
		var doc any
		if json.Unmarshal([]byte(src), &doc) != nil {
			return src
		}
		for i := 0; ; i++ {
			n := i
			smaller, done := without(doc, &n)
			if !done {
				break
			}
			if text, err := json.Marshal(smaller); err == nil && len(text) < len(src) && interesting(string(text)) {
				src, again = string(text), true
				break
			}
		}
	}
	return src
}

// without copies a value and leaves the nth member or item out, or puts it in
// its parent's place.
func without(v any, n *int) (smaller any, done bool) {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if *n--; *n == -1 {
				done = true
				continue
			}
			if *n--; *n == -1 {
				return v[key], true
			}
			if done {
				out[key] = v[key]
				continue
			}
			out[key], done = without(v[key], n)
		}
		return out, done
	case []any:
		out := []any{}
		for _, item := range v {
			if *n--; *n == -1 {
				done = true
				continue
			}
			if *n--; *n == -1 {
				return item, true
			}
			if !done {
				item, done = without(item, n)
			}
			out = append(out, item)
		}
		return out, done
	}
	return v, false
}
