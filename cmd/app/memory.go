package main

import (
	"os"
	"runtime/debug"
)

// gcPercent is how much garbage may gather before it is collected, in percent of what
// is in use. A first sync leaves gigabytes behind and uses little: with Go's own 100 it
// collects so often that the sync takes a tenth longer, with 200 it needs a third more
// memory (docs/benchmarks.md).
const gcPercent = 150

// tuneGarbage sets the collector's pace, unless GOGC in the environment does.
func tuneGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
