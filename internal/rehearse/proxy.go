package rehearse

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5"
)

// proxy is the wire between one process and Postgres: cutting it at any byte is
// what a kill of either end looks like to the other.
type proxy struct {
	dir      string // of the socket, empty for TCP
	listener net.Listener
	network  string
	address  string
	url      string

	mu    sync.Mutex
	conns map[net.Conn]net.Conn
	down  bool
	trap  func() // called once, when trapAfter more bytes have gone to Postgres
	after int
}

// newProxy listens beside the database that the URL names.
func newProxy(databaseURL string) (*proxy, error) {
	c, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	p := &proxy{conns: map[net.Conn]net.Conn{}, network: "tcp", address: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))}
	if filepath.IsAbs(c.Host) {
		socket := fmt.Sprintf(".s.PGSQL.%d", c.Port)
		p.network, p.address = "unix", filepath.Join(c.Host, socket)
		if p.dir, err = os.MkdirTemp("", "kgr-"); err != nil { // short: a socket's path has 107 bytes at most
			return nil, fmt.Errorf("make the proxy's directory: %w", err)
		}
		p.listener, err = net.Listen("unix", filepath.Join(p.dir, socket))
	} else {
		p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen for the database's clients: %w", err)
	}
	if p.url, err = p.through(databaseURL); err != nil {
		return nil, err
	}
	go p.serve()
	return p, nil
}

// through rewrites the URL so that it leads here.
func (p *proxy) through(databaseURL string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", fmt.Errorf("read the database URL: %w", err)
	}
	if p.dir != "" {
		q := u.Query()
		q.Set("host", p.dir)
		u.RawQuery, u.Host = q.Encode(), ""
	} else {
		u.Host = p.listener.Addr().String()
	}
	return u.String(), nil
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.join(client)
	}
}

func (p *proxy) join(client net.Conn) {
	var d net.Dialer
	p.mu.Lock()
	down := p.down
	p.mu.Unlock()
	server, err := net.Conn(nil), error(nil)
	if !down {
		server, err = d.DialContext(context.Background(), p.network, p.address)
	}
	if down || err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	if p.down {
		p.mu.Unlock()
		client.Close()
		server.Close()
		return
	}
	p.conns[client] = server
	p.mu.Unlock()
	go p.pump(server, client, false)
	p.pump(client, server, true)
	p.mu.Lock()
	delete(p.conns, client)
	p.mu.Unlock()
	client.Close()
	server.Close()
}

// pump copies until either end closes. What goes to Postgres is counted.
func (p *proxy) pump(from, to net.Conn, counted bool) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		chunk := buf[:n]
		var sprung func()
		if counted {
			chunk, sprung = p.count(chunk)
		}
		if len(chunk) > 0 {
			if _, werr := to.Write(chunk); werr != nil {
				err = werr
			}
		}
		if sprung != nil {
			sprung()
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// count gives the part of the chunk that still goes through, and the trap if it
// springs after it.
func (p *proxy) count(chunk []byte) ([]byte, func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trap == nil || len(chunk) == 0 {
		return chunk, nil
	}
	if len(chunk) < p.after {
		p.after -= len(chunk)
		return chunk, nil
	}
	trap := p.trap
	p.trap = nil
	return chunk[:p.after], trap
}

// setTrap calls f once, when n more bytes have gone to Postgres and none more.
func (p *proxy) setTrap(n int, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.trap = n, f
}

// cut closes every connection; with stay new ones are refused too, until lift.
func (p *proxy) cut(stay bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.trap = p.down || stay, nil
	for client, server := range p.conns {
		client.Close()
		server.Close()
	}
}

func (p *proxy) lift() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.trap = false, nil
}

func (p *proxy) close() {
	p.listener.Close()
	p.cut(true)
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}
