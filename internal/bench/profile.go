package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/google/pprof/profile"
	"github.com/spf13/cobra"
)

// profileCommand profiles the server during a first sync.
func profileCommand(o *options) *cobra.Command {
	var out string
	var seconds int
	c := &cobra.Command{
		Use:   "profile",
		Short: "Profile the server's CPU time and memory during a first sync",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := newLab(c.Context(), *o)
			if err != nil {
				return err
			}
			defer l.close()
			return l.profile(c.Context(), out, seconds)
		},
	}
	c.Flags().StringVar(&out, "out", "profiles", "folder that receives cpu.pprof and heap.pprof")
	c.Flags().IntVar(&seconds, "seconds", 8, "how long the CPU profile takes, from the start of the sync")
	return c
}

// pgoCommand records what the compiler optimises for: the same, a few times.
func pgoCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "pgo FILE",
		Short: "Profile the server as profile does, --rounds times, into one file for the compiler",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			l, err := newLab(c.Context(), *o)
			if err != nil {
				return err
			}
			defer l.close()
			var list []*profile.Profile
			for range o.rounds {
				if err := l.profile(c.Context(), l.dir, 8); err != nil {
					return err
				}
				p, err := readProfile(filepath.Join(l.dir, "cpu.pprof"))
				if err != nil {
					return err
				}
				list = append(list, p)
			}
			merged, err := profile.Merge(list)
			if err != nil {
				return fmt.Errorf("merge the profiles: %w", err)
			}
			for _, m := range merged.Mapping {
				m.File = filepath.Base(m.File) // where the program was built is nobody's business
			}
			file, err := os.Create(args[0])
			if err != nil {
				return err
			}
			return errors.Join(merged.Write(file), file.Close())
		},
	}
}

func readProfile(path string) (*profile.Profile, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p, err := profile.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return p, nil
}

func (l *lab) profile(ctx context.Context, out string, seconds int) error {
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // profiles of a benchmark
		return err
	}
	listener, err := loopbackListener()
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	listener.Close()
	dir, err := l.repository(l.copies)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	l.started = func() {
		go func() {
			err := download(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, seconds), filepath.Join(out, "cpu.pprof"))
			done <- err
		}()
	}
	f, err := l.firstSyncOf(ctx, dir, setting{env: []string{"KGSYNC_DEBUG_LISTEN=" + address}})
	if err != nil {
		return err
	}
	defer f.stack.stop()
	if err := <-done; err != nil {
		return err
	}
	fmt.Printf("%d files in %s; CPU time of the server %s, of Postgres %s; peak memory %s\n", f.files, duration(f.wall),
		duration(f.app), duration(f.pg), mib(f.memory))
	return download(ctx, "http://"+address+"/debug/pprof/heap", filepath.Join(out, "heap.pprof"))
}

func download(ctx context.Context, url, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("get the profile: %w", err)
	}
	defer res.Body.Close()
	file, err := os.Create(filepath.Clean(path))
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, res.Body); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	return file.Close()
}
