// Command mutants shows that the convergence test can fail: it builds the test with
// one invariant of docs/architecture.md broken at a time and plays the histories that
// are known to notice. A mutant that survives is an error.
//
// Sources are replaced with `go build -overlay`: the tree is not touched, and
// production code has no switches. Run it in the module's root.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kgsync/kgsync/internal/store/embedded"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	only := flag.String("only", "", "names of mutants, comma separated (none: all)")
	seed := flag.Uint64("seed", 0, "first seed instead of a mutant's own, to search")
	histories := flag.Int("histories", 0, "how many instead of a mutant's own")
	parallel := flag.Int("parallel", 2, "mutants at once")
	flag.Parse()
	var chosen []mutant
	for _, m := range mutants {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.name) {
			continue
		}
		if *seed > 0 {
			m.seed = *seed
		}
		if *histories > 0 {
			m.histories = *histories
		}
		chosen = append(chosen, m)
	}
	dir, err := os.MkdirTemp("", "kgsync-mutants-")
	if err != nil {
		return fmt.Errorf("make a temporary directory: %w", err)
	}
	defer os.RemoveAll(dir)                      //nolint:errcheck // temporary
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // Postgres may run as another user
		return fmt.Errorf("open the temporary directory: %w", err)
	}
	pg, err := embedded.Start(ctx, embedded.Config{Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}}) // throwaway data
	if err != nil {
		return fmt.Errorf("start a Postgres for the histories: %w", err)
	}
	defer pg.Stop()
	return lab{dir, pg.URL("postgres")}.try(ctx, out, chosen, *parallel)
}

// lab is where mutants are built and played.
type lab struct{ dir, server string }

// verdict is what came of one mutant.
type verdict struct {
	mutant
	caught string // by which check, "" if it survived
	by     uint64 // seed
	took   time.Duration
	err    error
}

// try plays the mutants and prints the table.
func (l lab) try(ctx context.Context, out io.Writer, chosen []mutant, parallel int) error {
	fmt.Fprintln(out, "| mutant | invariant | what is broken | seed | noticed as | s |\n|---|---|---|---|---|---|")
	verdicts := make(chan verdict)
	queue := make(chan mutant)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for m := range queue {
				verdicts <- l.one(ctx, m)
			}
		})
	}
	go func() {
		for _, m := range chosen {
			queue <- m
		}
		close(queue)
		workers.Wait()
		close(verdicts)
	}()
	var errs []error
	for v := range verdicts {
		switch {
		case v.err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", v.name, v.err))
			fmt.Fprintf(out, "| %s | %d | %s | | not played | %.0f |\n%v\n", v.name, v.invariant, v.what, v.took.Seconds(), v.err)
		case v.caught == "":
			errs = append(errs, fmt.Errorf("%s survives %d histories from seed %d", v.name, v.histories, v.seed))
			fmt.Fprintf(out, "| %s | %d | %s | | **survives** | %.0f |\n", v.name, v.invariant, v.what, v.took.Seconds())
		default:
			fmt.Fprintf(out, "| %s | %d | %s | %d | %s | %.0f |\n", v.name, v.invariant, v.what, v.by, v.caught, v.took.Seconds())
		}
	}
	return errors.Join(errs...)
}

// one builds the test with the mutant in it and plays its histories, again where the
// rehearsal itself could not go on.
func (l lab) one(ctx context.Context, m mutant) verdict {
	begun := time.Now()
	v := verdict{mutant: m}
	binary, err := m.build(ctx, l.dir)
	if err != nil {
		v.err = err
		return v
	}
	defer os.Remove(binary) //nolint:errcheck // temporary
	const tries = 3
	for n := range tries {
		if v.by, v.caught, v.err = l.play(ctx, m, binary); v.err == nil || n == tries-1 {
			break
		}
	}
	v.took = time.Since(begun)
	return v
}

// build writes the overlay and compiles the convergence test with it.
func (m mutant) build(ctx context.Context, dir string) (binary string, err error) {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	changed := map[string]string{}
	for _, e := range m.edits {
		text, ok := changed[e.file]
		if !ok {
			b, err := os.ReadFile(e.file)
			if err != nil {
				return "", fmt.Errorf("read the file to change: %w", err)
			}
			text = string(b)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return "", fmt.Errorf("%q stands %d times in %s, not once: the mutant needs another text", e.old, n, e.file)
		}
		changed[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	for file, text := range changed {
		abs, err := filepath.Abs(file)
		if err != nil {
			return "", fmt.Errorf("find %s: %w", file, err)
		}
		to := filepath.Join(dir, m.name+"-"+filepath.Base(file))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("write the changed file: %w", err)
		}
		overlay.Replace[abs] = to
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	list := filepath.Join(dir, m.name+".json")
	if err := os.WriteFile(list, b, 0o600); err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	binary = filepath.Join(dir, m.name+".test")
	if output, err := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", list, "-ldflags", "-s -w", "-o", binary, "./cmd/app").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build it: %w\n%s", err, output)
	}
	return binary, nil
}

// play gives the seed of the history that noticed, and what it noticed.
func (l lab) play(ctx context.Context, m mutant, binary string) (seed uint64, caught string, err error) {
	c := exec.CommandContext(ctx, binary, "-test.run", "^TestAnyHistoryConverges$", "-test.timeout", "30m")
	c.Dir = "cmd/app"
	c.Env = append(os.Environ(), "KGSYNC_SEED="+strconv.FormatUint(m.seed, 10), "KGSYNC_HISTORIES="+strconv.Itoa(m.histories), "KGSYNC_PARALLEL=4",
		"KGSYNC_EMPHASIS="+m.emphasis, "KGSYNC_SHRINK=0s", "KGSYNC_LEDGER=", "KGSYNC_HISTORY=", "KGSYNC_TEST_DATABASE_URL="+l.server)
	output, err := c.CombinedOutput()
	seed, caught = violation(string(output))
	var failed *exec.ExitError
	if caught == "" && errors.As(err, &failed) {
		return 0, "", fmt.Errorf("the rehearsal itself failed: %w\n%s", err, tail(string(output)))
	}
	return seed, caught, nil
}

// tooSlow is what a machine with too much to do looks like: no step has begun.
const tooSlow = "the first sync did not come to rest"

// violation finds the first violated promise in a test's output.
func violation(output string) (seed uint64, what string) {
	for line := range strings.Lines(output) {
		if _, after, ok := strings.Cut(line, "seed "); ok && !strings.Contains(line, "KGSYNC_") {
			number, _, _ := strings.Cut(after, ":")
			if n, err := strconv.ParseUint(number, 10, 64); err == nil {
				seed = n
			}
		}
		if _, what, ok := strings.Cut(line, "VIOLATED: "); ok && !strings.HasPrefix(what, tooSlow) {
			return seed, shorten(strings.TrimSpace(what))
		}
	}
	return 0, ""
}

// shorten makes a violation fit a table.
func shorten(s string) string {
	const most = 110
	s = strings.ReplaceAll(s, "|", "/")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

func tail(s string) string { return s[max(0, len(s)-2000):] }
