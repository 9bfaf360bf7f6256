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
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"github.com/spf13/cobra"
)

const (
	ackConnections  = 16
	ackRepositories = 16
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

// measureAcks compares acknowledged pushes a second with the floor's.
func measureAcks(ctx context.Context, l *lab) (*table, error) {
	st, err := l.start(ctx, setting{args: []string{"--role", "web"}})
	if err != nil {
		return nil, err
	}
	defer st.stop()
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
				a, err := knock(ctx, address, paths)
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
	t.note("%d connections over %d repositories, %s a round; the sender runs on the same cores as both", ackConnections, ackRepositories, ackTime)
	t.note("an acknowledgement of kgsync's has committed the delivery, the wanted state of each path, a run and its jobs, and the settle; the floor has one row")
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
func knock(ctx context.Context, address string, paths int) (acks, error) {
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
				took, err = knockOnce(ctx, client, address, c%ackRepositories, i, paths)
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

func knockOnce(ctx context.Context, client *http.Client, address string, repo, i, paths int) (time.Duration, error) {
	guid := fmt.Sprintf("%d-%d-%d", time.Now().UnixNano(), repo, i)
	body, err := pushBody(repo, i, paths)
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
	return time.Since(begun), err
}

// pushBody is a push of one commit that changes so many paths, each push others.
func pushBody(repo, i, paths int) ([]byte, error) {
	sha := func(n int) string { return fmt.Sprintf("%040x", n+1) }
	changed := make([]string, paths)
	for p := range changed {
		changed[p] = "pages/Page " + strconv.Itoa((i*paths+p)%5000) + ".md"
	}
	commit := map[string]any{"id": sha(i + 1), "message": "a change", "added": []string{}, "removed": []string{}, "modified": changed}
	return json.Marshal(map[string]any{"ref": "refs/heads/main", "before": sha(i), "after": sha(i + 1), "created": false, "deleted": false, "forced": false,
		"repository":   map[string]any{"id": 9000 + repo, "full_name": "local/r" + strconv.Itoa(repo), "name": "r" + strconv.Itoa(repo), "default_branch": "main", "private": true},
		"installation": map[string]any{"id": 77}, "commits": []any{commit}, "head_commit": commit})
}
