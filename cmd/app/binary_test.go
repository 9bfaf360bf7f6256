package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/kgsync/kgsync/internal/store/storetest"
)

// binary builds the program once for all tests that need a process of it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kgsync-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kgsync")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// built says that there is a binary to remove.
var built atomic.Bool

func TestMain(m *testing.M) {
	code := storetest.Run(m)
	if built.Load() {
		if path, err := binary(); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}
	os.Exit(code)
}

// program is a running kgsync.
type program struct {
	*exec.Cmd
	said  *lockedBuffer // on standard error
	ended chan struct{}
}

// run starts kgsync. It is killed when the test ends.
func run(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	built.Store(true)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Cmd: exec.Command(path, args...), said: &lockedBuffer{}, ended: make(chan struct{})}
	p.Env, p.Stderr = append(os.Environ(), env...), p.said
	p.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.Wait()
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends the process at once, as kill -9 does, and waits until it is gone.
func (p *program) kill() {
	_ = p.Process.Kill()
	<-p.ended
}

// lockedBuffer is a buffer for a writer and a reader at a time.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
