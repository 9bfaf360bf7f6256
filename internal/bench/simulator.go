package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/github/githubsim"
)

const webhookSecret = "a secret of the benchmark"

// simulatorCommand is the local GitHub in a process of its own. It says on standard
// output where it is and then takes orders at /control.
func simulatorCommand() *cobra.Command {
	var archives string
	var limits bool
	c := &cobra.Command{Use: "simulator", Hidden: true, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return serveSimulator(c.Context(), archives, limits, c.OutOrStdout())
	}}
	c.Flags().StringVar(&archives, "archives", "", "folder that keeps archives")
	c.Flags().BoolVar(&limits, "limits", false, "enforce the rate limits")
	return c
}

// place is what the simulator says of itself.
type place struct {
	API, Control string
	AppID        int64
	Key          []byte
}

// order is a request to the simulator. Which fields count depends on the verb.
type order struct {
	Dir, Name, Ref, Before, After, URL string
	Repository, Installation           int64
	Repositories                       []int64
	Latency                            time.Duration
}

// answer to an order.
type answer struct {
	ID       int64
	Sent     time.Time // when the webhook began to be sent
	Requests map[string]int
}

// sendTimes notes when webhooks are sent.
type sendTimes struct {
	next http.RoundTripper
	last atomic.Int64
}

func (s *sendTimes) RoundTrip(r *http.Request) (*http.Response, error) {
	s.last.Store(time.Now().UnixNano())
	return s.next.RoundTrip(r)
}

func serveSimulator(ctx context.Context, archives string, limits bool, out io.Writer) error {
	times := &sendTimes{next: http.DefaultTransport}
	config := githubsim.Config{WebhookSecret: webhookSecret, ArchiveDir: archives, HTTPClient: &http.Client{Transport: times, Timeout: 10 * time.Second}}
	if limits {
		config.RateLimits = &githubsim.RateLimits{}
	}
	sim, err := githubsim.New(config)
	if err != nil {
		return err
	}
	if err := sim.Start("127.0.0.1:0"); err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/control/:verb", func(c echo.Context) error {
		var o order
		if err := c.Bind(&o); err != nil {
			return err
		}
		a, err := obey(c.Request().Context(), sim, c.Param("verb"), o)
		if err != nil {
			return echo.NewHTTPError(http.StatusInternalServerError, err.Error())
		}
		a.Sent = time.Unix(0, times.last.Load())
		return c.JSON(http.StatusOK, a)
	})
	go func() { <-ctx.Done(); _ = e.Close() }()
	e.Listener, err = loopbackListener()
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(place{sim.URL(), "http://" + e.Listener.Addr().String(), sim.AppID(), sim.PrivateKeyPEM()}); err != nil {
		return err
	}
	_ = e.Start("") // ends with the process
	return sim.Close(context.WithoutCancel(ctx))
}

func obey(ctx context.Context, sim *githubsim.Server, verb string, o order) (a answer, err error) {
	switch verb {
	case "add":
		var r githubsim.Repository
		r, err = sim.AddRepository(ctx, githubsim.RepositoryOptions{Owner: "local", Name: o.Name, Dir: o.Dir})
		a.ID = r.ID
	case "webhook":
		sim.SetWebhookURL(o.URL)
	case "install":
		a.ID, err = sim.Install(ctx, "local", o.Repositories...)
	case "uninstall":
		err = sim.Uninstall(ctx, o.Installation)
	case "push":
		err = sim.Push(ctx, o.Repository, o.Ref, o.Before, o.After)
	case "latency":
		sim.SetLatency(o.Latency)
	case "requests":
		a.Requests = sim.Requests()
		sim.ResetRequests()
	default:
		err = fmt.Errorf("%q is no order", verb)
	}
	return a, err
}

// simulator is the process, seen from outside.
type simulator struct {
	place
	cmd *exec.Cmd
}

func startSimulator(ctx context.Context, args ...string) (*simulator, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &simulator{cmd: exec.CommandContext(ctx, self, append([]string{"simulator"}, args...)...)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the local GitHub: %w", err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.place)
	}
	if err != nil {
		return nil, fmt.Errorf("the local GitHub does not say where it is: %w", err)
	}
	return s, nil
}

func (s *simulator) order(ctx context.Context, verb string, o order) (a answer, err error) {
	body, err := json.Marshal(o)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Control+"/control/"+verb, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, fmt.Errorf("order the local GitHub to %s: %w", verb, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(res.Body) //nolint:errcheck // it fails already
		return a, fmt.Errorf("order the local GitHub to %s: %s %s", verb, res.Status, said)
	}
	return a, json.NewDecoder(res.Body).Decode(&a)
}

func (s *simulator) stop() {
	_ = s.cmd.Process.Kill() // it holds nothing
	_ = s.cmd.Wait()
}
