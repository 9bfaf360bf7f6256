package githubsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// gitDir runs git on one repository, for reading only.
type gitDir struct {
	dir     string // absolute path of the git directory
	objects *objectPool
}

// openGit finds the repository whose top is dir (bare, or with a work tree).
// A directory merely inside some repository is refused.
func openGit(ctx context.Context, dir string) (*gitDir, error) {
	top, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("locate %s: %w", dir, err)
	}
	if top, err = filepath.EvalSymlinks(top); err != nil {
		return nil, fmt.Errorf("locate repository: %w", err)
	}
	cmd := gitCommand(ctx, top, "rev-parse", "--absolute-git-dir", "--show-object-format")
	cmd.Env = append(cmd.Env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(top))
	out, err := output(cmd)
	if err != nil {
		return nil, fmt.Errorf("%s is not a git repository (give the directory that holds .git, or a bare repository): %w", dir, err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2 || lines[1] != "sha1" {
		return nil, fmt.Errorf("%s: only SHA-1 repositories can be on GitHub, this one uses %s", dir, lines[len(lines)-1])
	}
	g := &gitDir{dir: lines[0]}
	g.objects = newObjectPool(g)
	return g, nil
}

// gitCommand builds a git command that neither writes to the repository nor
// depends on the user's configuration: no optional locks, replacement objects,
// lazy fetches, line-ending conversion or content filters.
func gitCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	fixed := []string{
		"-c", "safe.directory=*",
		"-c", "core.autocrlf=false", "-c", "core.eol=lf",
		"-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false",
		"-c", "log.showRoot=true", "-c", "log.showSignature=false",
	}
	cmd := exec.CommandContext(ctx, "git", append(fixed, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C",
		"GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0",
	}
	return cmd
}

func (g *gitDir) command(ctx context.Context, args ...string) *exec.Cmd {
	return gitCommand(ctx, g.dir, append([]string{"--git-dir=" + g.dir}, args...)...)
}

// run returns the command's standard output.
func (g *gitDir) run(ctx context.Context, args ...string) ([]byte, error) {
	return output(g.command(ctx, args...))
}

// runInput is run with the given lines on standard input.
func (g *gitDir) runInput(ctx context.Context, lines []string, args ...string) ([]byte, error) {
	cmd := g.command(ctx, args...)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	return output(cmd)
}

// stream hands standard output to read as it is produced. When read returns an
// error the command is killed and that error returned.
func (g *gitDir) stream(ctx context.Context, read func(io.Reader) error, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := g.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	readErr := read(stdout)
	if readErr != nil {
		cancel()
	}
	waitErr := cmd.Wait()
	switch {
	case readErr != nil:
		return readErr
	case waitErr != nil:
		return fmt.Errorf("git %s: %w: %s", args[0], waitErr, strings.TrimSpace(stderr.String()))
	}
	return nil
}

func (g *gitDir) close() { g.objects.close() }

func output(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return out, err
}
