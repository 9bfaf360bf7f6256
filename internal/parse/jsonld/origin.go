package jsonld

// origin is the key that gave a field its value. The zero value is that of an
// empty field.
type origin struct {
	key  string
	rank int
}

// prefer sets a field to a value under a key, which stands for the name. Of several
// keys the members' order does not decide, for an object has none (RFC 8259,
// section 4): a name wins over what may stand in for it, then a bare key over one
// with a prefix, then the one that sorts first. Of several nodes the last counts.
func (o *origin) prefer(field *string, name, key, value string) {
	rank := rankOf(name)
	if local(key) == key {
		rank++
	}
	if value == "" || *field != "" && (rank < o.rank || rank == o.rank && key > o.key) {
		return
	}
	*field, o.key, o.rank = value, key, rank
}

// rankOf ranks the names that may give one field: "label" and "definition" above
// what says nearly the same.
func rankOf(name string) int {
	switch name {
	case "name":
		return 0
	case "title":
		return 2
	case "prefLabel", "comment":
		return 4
	}
	return 6
}
