package githubsim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// objectProcesses is how many `git cat-file --batch` processes one repository
// may keep: enough to use two cores while one of them waits for the disk.
const objectProcesses = 4

var (
	errNoObject       = errors.New("no such git object")
	errObjectTooLarge = errors.New("git object is too large")
	errPoolClosed     = errors.New("repository is closed")
)

// object is one git object, whole.
type object struct {
	sha, kind string
	data      []byte
}

// objectPool keeps a few `git cat-file --batch` processes of one repository
// alive, so that reading an object costs no process start. Git rereads refs
// and packs on each request, so new commits are seen at once.
type objectPool struct {
	git  *gitDir
	free chan *objectReader // nil elements are processes not started yet

	mu     sync.Mutex
	closed bool
}

type objectReader struct {
	cmd    *exec.Cmd
	input  io.WriteCloser
	output *bufio.Reader
}

func newObjectPool(g *gitDir) *objectPool {
	p := &objectPool{git: g, free: make(chan *objectReader, objectProcesses)}
	for range objectProcesses {
		p.free <- nil
	}
	return p
}

// read returns the object that a revision names: errNoObject if there is none,
// errObjectTooLarge (with the object's sha and kind) if it exceeds maxBytes.
func (p *objectPool) read(ctx context.Context, revision string, maxBytes int64) (object, error) {
	if revision == "" || strings.ContainsAny(revision, "\n\x00") {
		return object{}, errNoObject
	}
	var reader *objectReader
	select {
	case reader = <-p.free:
	case <-ctx.Done():
		return object{}, ctx.Err()
	}
	if p.isClosed() {
		p.free <- reader
		return object{}, errPoolClosed
	}
	if reader == nil {
		var err error
		if reader, err = p.start(); err != nil {
			p.free <- nil
			return object{}, err
		}
	}
	found, err := reader.read(revision, maxBytes)
	if err != nil && !errors.Is(err, errNoObject) {
		reader.stop() // its output is in an unknown position
		reader = nil
	}
	p.free <- reader
	return found, err
}

func (p *objectPool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// start is not bound to a request's context: the process outlives the request.
func (p *objectPool) start() (*objectReader, error) {
	cmd := p.git.command(context.Background(), "cat-file", "--batch")
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return &objectReader{cmd: cmd, input: input, output: bufio.NewReaderSize(output, 64<<10)}, nil
}

// close waits for reads in progress and ends every process.
func (p *objectPool) close() {
	p.mu.Lock()
	already := p.closed
	p.closed = true
	p.mu.Unlock()
	if already {
		return
	}
	for range objectProcesses {
		if reader := <-p.free; reader != nil {
			reader.stop()
		}
	}
	for range objectProcesses {
		p.free <- nil
	}
}

// read speaks one exchange of the batch protocol (git-cat-file(1), BATCH OUTPUT).
func (r *objectReader) read(revision string, maxBytes int64) (object, error) {
	if _, err := io.WriteString(r.input, revision+"\n"); err != nil {
		return object{}, fmt.Errorf("ask git cat-file: %w", err)
	}
	header, err := r.output.ReadString('\n')
	if err != nil {
		return object{}, fmt.Errorf("read git cat-file header: %w", err)
	}
	fields := strings.Fields(strings.TrimPrefix(header, revision+" "))
	if len(fields) == 1 && (fields[0] == "missing" || fields[0] == "ambiguous") {
		return object{}, errNoObject
	}
	fields = strings.Fields(header)
	if len(fields) != 3 {
		return object{}, fmt.Errorf("unexpected git cat-file header %q", header)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return object{}, fmt.Errorf("size in git cat-file header: %w", err)
	}
	found := object{sha: fields[0], kind: fields[1]}
	if size > maxBytes {
		return found, errObjectTooLarge
	}
	found.data = make([]byte, size+1) // a newline follows the content
	if _, err := io.ReadFull(r.output, found.data); err != nil {
		return object{}, fmt.Errorf("read git object: %w", err)
	}
	found.data = found.data[:size]
	return found, nil
}

func (r *objectReader) stop() {
	_ = r.input.Close()
	_ = r.cmd.Process.Kill() // it only reads; nothing can be left half done
	_ = r.cmd.Wait()
}
