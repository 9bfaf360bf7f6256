package embedded

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// child is the running server. It dies with us: where the system can, the kernel
// tells it when the thread that started it ends, so that thread is kept until
// the child has exited.
type child struct {
	process *os.Process
	exited  chan struct{}
	mu      sync.Mutex
	out     bytes.Buffer
}

// maxOutputBytes bounds what is kept of the server's messages.
const maxOutputBytes = 64 << 10

// Write keeps the server's newest messages.
func (c *child) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out.Len()+len(p) > maxOutputBytes {
		c.out.Reset()
	}
	return c.out.Write(p)
}

func (c *child) output() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String()
}

func startChild(cmd *exec.Cmd) (*child, error) {
	c := &child{exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = c, c
	dieWithParent(cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := cmd.Start()
		c.process = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(c.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// stop asks for a fast shutdown and insists after a while.
func (c *child) stop() error {
	if err := c.process.Signal(syscall.SIGINT); err != nil {
		<-c.exited
		return nil // it has exited already
	}
	select {
	case <-c.exited:
		return nil
	case <-time.After(20 * time.Second):
		c.kill()
		return fmt.Errorf("postgres did not shut down within 20 s and was killed; it recovers at the next start")
	}
}

func (c *child) kill() {
	_ = c.process.Signal(syscall.SIGQUIT) // immediate shutdown: takes its own children along
	select {
	case <-c.exited:
	case <-time.After(5 * time.Second):
		_ = c.process.Kill()
		<-c.exited
	}
}
