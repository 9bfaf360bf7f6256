package embedded

import (
	"os/exec"
	"syscall"
)

func runAs(cmd *exec.Cmd, uid, gid int) {
	attributes(cmd).Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // ids of the user database
}

// dieWithParent makes the kernel send a fast shutdown when our thread ends.
func dieWithParent(cmd *exec.Cmd) {
	a := attributes(cmd)
	a.Pdeathsig = syscall.SIGINT
	a.Setpgid = true // a Ctrl-C at the terminal is ours to handle
}

func attributes(cmd *exec.Cmd) *syscall.SysProcAttr {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	return cmd.SysProcAttr
}
