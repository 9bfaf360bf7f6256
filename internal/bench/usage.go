package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticks is USER_HZ, in which Linux tells CPU times (proc(5)).
const ticks = 100

// usage is what a process has used so far.
type usage struct {
	cpu      time.Duration // user and system, of itself
	children time.Duration // of the children that it has waited for
	parent   int
}

// usageOf reads /proc/PID/stat; a process that has ended used nothing.
func usageOf(pid int) usage {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	number := func(i int) time.Duration {
		n, _ := strconv.ParseInt(f[i], 10, 64) //nolint:errcheck // the kernel writes numbers
		return time.Duration(n)
	}
	return usage{cpu: (number(11) + number(12)) * time.Second / ticks, children: (number(13) + number(14)) * time.Second / ticks, parent: int(number(1))}
}

// cpuOf is the CPU time of a process and all its children, ended ones included.
func cpuOf(pid int) time.Duration {
	u := usageOf(pid)
	total := u.cpu + u.children
	dirs, _ := filepath.Glob("/proc/[0-9]*") //nolint:errcheck // the pattern is right
	for _, d := range dirs {
		child, _ := strconv.Atoi(filepath.Base(d)) //nolint:errcheck // digits
		if c := usageOf(child); c.parent == pid && child != pid {
			total += c.cpu + c.children
		}
	}
	return total
}

// peakMemory is VmHWM, the most resident memory that the process ever had, in bytes.
func peakMemory(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64) //nolint:errcheck // the kernel writes a number
	return kib << 10
}
