package model

const (
	paths   = 2
	unknown = 9   // a wanted blob that is not known yet
	none    = 255 // no commit
)

// commit is a tree of two blobs, 0 for a path that it lacks.
type commit struct {
	tree   [paths]uint8
	parent int
	key    uint8 // its configuration: what files are derived with
	hidden uint8 // paths that a push does not list although they changed (a merge)
}

// commits are all that heads are made of.
var commits = []commit{
	{tree: [paths]uint8{1, 1}, parent: -1},
	{tree: [paths]uint8{2, 1}, parent: 0},
	{tree: [paths]uint8{3, 2}, parent: 1, hidden: 2}, // a merge that changes B unseen
	{tree: [paths]uint8{0, 3}, parent: 2},            // deletes A
	{tree: [paths]uint8{2, 4}, parent: 0},            // amends 1
	{tree: [paths]uint8{1, 3}, parent: 3},            // brings A back
	{tree: [paths]uint8{1, 1}, parent: 0, key: 1},    // changes the configuration only
	{tree: [paths]uint8{2, 1}, parent: 6, key: 1},
}

// reaches reports whether the history of head contains c.
func reaches(head, c int) bool {
	for ; head >= 0; head = commits[head].parent {
		if head == c {
			return true
		}
	}
	return false
}

// push is what GitHub says when the head moves.
type push struct {
	before, after uint8
	forced        bool
	config        bool  // it names a configuration file
	listed        uint8 // paths
}

func pushOf(before, after uint8) push {
	p := push{before: before, after: after}
	if !reaches(int(after), int(before)) {
		p.forced = true
		return p
	}
	for c := int(after); c != int(before); c = commits[c].parent {
		of, was := commits[c], commits[commits[c].parent]
		p.config = p.config || of.key != was.key
		for i := range of.tree {
			if of.tree[i] != was.tree[i] && of.hidden>>i&1 == 0 {
				p.listed |= 1 << i
			}
		}
	}
	return p
}

// sequences gives all sequences of n moves over the first commits, from commit 0.
func sequences(n int, of uint8) [][]uint8 {
	list := [][]uint8{{0}}
	for range n {
		var longer [][]uint8
		for _, s := range list {
			for c := range of {
				if c != s[len(s)-1] {
					longer = append(longer, append(append([]uint8{}, s...), c))
				}
			}
		}
		list = longer
	}
	return list
}
