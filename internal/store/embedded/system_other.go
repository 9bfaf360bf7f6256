//go:build !linux

package embedded

import (
	"os/exec"
	"syscall"
)

func runAs(cmd *exec.Cmd, uid, gid int) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} //nolint:gosec // ids of the user database
}

// dieWithParent can do nothing here: a killed parent leaves the server running,
// and the next start says that the data directory is in use.
func dieWithParent(*exec.Cmd) {}
