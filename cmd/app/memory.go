package main

import (
	"os"
	"runtime/debug"
)

// gcPercent is how much garbage may gather before it is collected, in percent of what
// is in use. A first sync leaves gigabytes behind and uses little: with 200 it took an
// eighth less time than with Go's own 100, and a third more memory, which comes too
// close to the target (docs/benchmarks.md). This lies between.
const gcPercent = 150

// tuneGarbage sets the collector's pace, unless GOGC in the environment does.
func tuneGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
