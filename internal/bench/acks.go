package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"github.com/spf13/cobra"
)

const (
	ackConnections  = 16
	ackRepositories = ackConnections
	ackTime         = 4 * time.Second
)

// acceptorCommand is the floor of a webhook: it checks the signature and inserts one
// row before it answers.
func acceptorCommand() *cobra.Command {
	var url, listen string
	c := &cobra.Command{Use: "acceptor", Hidden: true, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return accept(c.Context(), url, listen)
	}}
	c.Flags().StringVar(&url, "database-url", "", "the database")
	c.Flags().StringVar(&listen, "listen", "", "the address")
	return c
}

func accept(ctx context.Context, url, listen string) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	config.MaxConns = 20
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS floor; CREATE TABLE IF NOT EXISTS floor.deliveries (guid text PRIMARY KEY, event text, received_at timestamptz DEFAULT now())`); err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/readyz", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.POST("/webhooks/github", func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		if !hmac.Equal([]byte(c.Request().Header.Get("X-Hub-Signature-256")), []byte(signature(body))) {
			return c.NoContent(http.StatusUnauthorized)
		}
		h := c.Request().Header
		if _, err := pool.Exec(c.Request().Context(), `INSERT INTO floor.deliveries (guid, event) VALUES ($1, $2)`, h.Get("X-GitHub-Delivery"), h.Get("X-GitHub-Event")); err != nil {
			return err
		}
		return c.NoContent(http.StatusOK)
	})
	go func() { <-ctx.Done(); _ = e.Close() }()
	_ = e.Start(listen) // ends with the process
	return nil
}

func signature(body []byte) string {
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write(body) //nolint:errcheck // never fails
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// doors are the repositories that are knocked at, one connection each.
type doors struct {
	installation int64
	ids          []int64
	heads        []string // each push goes on from the one before
}

// openDoors brings up a stack whose repositories are synced, so that pushes go the
// fast way, and whose server then only accepts.
func openDoors(ctx context.Context, l *lab) (*stack, *doors, error) {
	dir, err := l.sample(1)
	if err != nil {
		return nil, nil, err
	}
	head, err := git(dir, "rev-parse", "HEAD")
	if err != nil {
		return nil, nil, err
	}
	st, err := l.start(ctx, setting{})
	if err != nil {
		return nil, nil, err
	}
	d := &doors{}
	for i := range ackRepositories {
		a, err := st.github.order(ctx, "add", order{Dir: dir, Name: doorName(i)})
		if err != nil {
			return st, nil, err
		}
		d.ids, d.heads = append(d.ids, a.ID), append(d.heads, head)
	}
	a, err := st.github.order(ctx, "install", order{Repositories: d.ids})
	if err != nil {
		return st, nil, err
	}
	d.installation = a.ID
	if err := st.await(ctx, 20*time.Millisecond, `SELECT count(*) = $1 FROM kgsync.repositories WHERE verified_sha <> ''`, ackRepositories); err != nil {
		return st, nil, err
	}
	return st, d, st.restartApp(ctx, l, setting{args: []string{"--role", "web"}})
}

func doorName(i int) string { return "r" + strconv.Itoa(i) }

// measureAcks compares acknowledged pushes a second with the floor's.
func measureAcks(ctx context.Context, l *lab) (*table, error) {
	st, d, err := openDoors(ctx, l)
	if st != nil {
		defer st.stop()
	}
	if err != nil {
		return nil, err
	}
	low, stop, err := startAcceptor(ctx, st)
	if err != nil {
		return nil, err
	}
	defer stop()
	t := &table{title: "Acknowledged webhooks", head: []string{"pushes of", "floor a second", "floor p99", "kgsync a second", "kgsync p99", "rate against the floor"}}
	for _, paths := range []int{1, 10} {
		var floors, ours []acks
		for range l.rounds {
			for address, list := range map[string]*[]acks{low: &floors, st.address: &ours} {
				a, err := d.knock(ctx, address, paths)
				if err != nil {
					return nil, err
				}
				*list = append(*list, a)
			}
		}
		rate := func(a acks) float64 { return a.perSecond }
		p99 := func(a acks) time.Duration { return a.p99 }
		t.row(fmt.Sprintf("%d paths", paths), fmt.Sprintf("%.0f", median(floors, rate)), median(floors, p99), fmt.Sprintf("%.0f", median(ours, rate)), median(ours, p99),
			median(ours, rate)/median(floors, rate))
	}
	var slow int
	if err := st.conn.QueryRow(ctx, `SELECT count(*) FROM kgsync.runs WHERE trigger = 'push' AND generation IS NULL`).Scan(&slow); err != nil {
		return nil, err
	}
	if slow > 0 {
		return nil, fmt.Errorf("%d pushes went the slow way, which queues no job a path", slow)
	}
	t.note("%d connections over %d repositories, %s a round; the sender runs on the same cores as both", ackConnections, ackRepositories, ackTime)
	t.note("an acknowledgement of kgsync's has committed the delivery, the wanted state and a job of each path, and their run; the floor has one row")
	return t, nil
}

func startAcceptor(ctx context.Context, st *stack) (address string, stop func(), err error) {
	listener, err := loopbackListener()
	if err != nil {
		return "", nil, err
	}
	address = listener.Addr().String()
	listener.Close()
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "acceptor", "--database-url", st.url, "--listen", address)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	other := stack{address: address, log: st.log}
	if err := other.ready(ctx); err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

type acks struct {
	perSecond float64
	p99       time.Duration
}

// knock sends pushes over all connections for a while.
func (d *doors) knock(ctx context.Context, address string, paths int) (acks, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ackConnections}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	begun := time.Now()
	for c := range ackConnections {
		wg.Go(func() {
			var times []time.Duration
			var err error
			for i := 0; time.Since(begun) < ackTime && ctx.Err() == nil && err == nil; i++ {
				var took time.Duration
				took, err = d.knockOnce(ctx, client, address, c, i, paths)
				times = append(times, took)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, times...)
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	return acks{float64(len(all)) / time.Since(begun).Seconds(), at(all, 99)}, failed
}

func (d *doors) knockOnce(ctx context.Context, client *http.Client, address string, door, i, paths int) (time.Duration, error) {
	now := time.Now().UnixNano()
	guid, after := fmt.Sprintf("%d-%d", now, door), fmt.Sprintf("%024x%016x", door, now)
	body, err := d.push(door, i, paths, after)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/webhooks/github", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for k, v := range map[string]string{"Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": guid, "X-Hub-Signature-256": signature(body)} {
		req.Header.Set(k, v)
	}
	begun := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("a webhook was answered %s: %s", res.Status, said)
	}
	took := time.Since(begun)
	if strings.Contains(string(said), "accepted") { // the floor says nothing
		d.heads[door] = after
	}
	return took, err
}

// push is a push of one commit that changes so many paths, each push others.
func (d *doors) push(door, i, paths int, after string) ([]byte, error) {
	changed := make([]string, paths)
	for p := range changed {
		changed[p] = "pages/Page " + strconv.Itoa((i*paths+p)%5000) + ".md"
	}
	commit := map[string]any{"id": after, "message": "a change", "added": []string{}, "removed": []string{}, "modified": changed}
	return json.Marshal(map[string]any{"ref": "refs/heads/main", "before": d.heads[door], "after": after, "created": false, "deleted": false, "forced": false,
		"repository":   map[string]any{"id": d.ids[door], "full_name": "local/" + doorName(door), "name": doorName(door), "default_branch": "main", "private": true},
		"installation": map[string]any{"id": d.installation}, "commits": []any{commit}, "head_commit": commit})
}
