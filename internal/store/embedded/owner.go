package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
)

// owner is the user that the server runs as: us, or an unprivileged user when
// we are root, because Postgres refuses root.
type owner struct {
	name     string
	uid, gid int
	dropped  bool
}

func findOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return &owner{name: "the current user", uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.Atoi(u.Uid)
		gid, gerr := strconv.Atoi(u.Gid)
		if uerr == nil && gerr == nil && uid != 0 {
			return &owner{name: name, uid: uid, gid: gid, dropped: true}, nil
		}
	}
	return nil, fmt.Errorf("Postgres refuses to run as root and there is no user postgres or nobody: run as another user, or pass --database-url")
}

// give hands a directory to the owner.
func (o *owner) give(dir string) error {
	if !o.dropped {
		return nil
	}
	if err := os.Chown(dir, o.uid, o.gid); err != nil {
		return fmt.Errorf("give %s to user %s: %w", dir, o.name, err)
	}
	return nil
}

// command prepares a program to run as the owner, outside of our directory.
func (o *owner) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGDATA=")
	if o.dropped {
		runAs(cmd, o.uid, o.gid)
	}
	return cmd
}
