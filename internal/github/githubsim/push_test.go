package githubsim

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const mainRef = "refs/heads/main"

func TestWebhookSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	sent := must(w.Deliver(t.Context(), "ping", []byte("Hello, World!")))(t)
	var got received
	for _, event := range w.hook.events() {
		if event.header.Get("X-GitHub-Event") == "ping" {
			got = event
		}
	}
	// The vector of GitHub's own documentation.
	want := "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	if signature := got.header.Get("X-Hub-Signature-256"); signature != want {
		t.Fatalf("signature %s, want %s", signature, want)
	}
	if guid := got.header.Get("X-GitHub-Delivery"); guid != sent.GUID || len(guid) != 36 {
		t.Fatalf("GUID %q, delivery says %q", guid, sent.GUID)
	}
}

func TestInstallationCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var event struct {
		Action       string
		Installation struct{ ID int64 }
		Repositories []struct {
			ID       int64
			FullName string `json:"full_name"`
		}
	}
	got := w.last("installation", &event)
	if event.Action != "created" || event.Installation.ID != w.in || len(event.Repositories) != 1 || event.Repositories[0].ID != w.repo.ID {
		t.Fatalf("event = %+v", event)
	}
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write(got.body)
	if got.header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
		t.Fatal("the signature does not fit the body")
	}
}

// pushed sends a push and returns what arrived.
func (w *world) pushed(ref, before, after string) pushPayload {
	w.t.Helper()
	check(w.t, w.Push(w.t.Context(), w.repo.ID, ref, before, after))
	var p pushPayload
	w.last("push", &p)
	if p.Ref != ref || p.After != after {
		w.t.Fatalf("newest push is %s %s", p.Ref, p.After)
	}
	return p
}

func files(p pushPayload) string {
	var out []string
	for _, c := range p.Commits {
		out = append(out, fmt.Sprintf("+%s -%s ~%s", c.Added, c.Removed, c.Modified))
	}
	return strings.Join(out, "; ")
}

func TestPushPayload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1", "b.md=1")
	p := w.pushed(mainRef, "", first)
	if !p.Created || p.Forced || p.Before != zeroSHA || files(p) != "+[a.md b.md] -[] ~[]" || p.HeadCommit.ID != first {
		t.Fatalf("created: %+v", p)
	}
	check(t, w.git.Remove("b.md"))
	check(t, w.git.Rename("a.md", "ü a.md"))
	w.commit("c.md=1")
	w.commit()
	second := w.commit("c.md=2")
	p = w.pushed(mainRef, first, second)
	if got, want := files(p), "+[c.md ü a.md] -[a.md b.md] ~[]; +[] -[] ~[]; +[] -[] ~[c.md]"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	if p.Created || p.Forced || !p.Commits[0].Distinct || p.Repository["default_branch"] != "main" || p.Installation["id"] != float64(w.in) {
		t.Fatalf("push = %+v", p)
	}
	check(t, w.git.Reset(first))
	if p = w.pushed(mainRef, second, first); !p.Forced || len(p.Commits) != 0 {
		t.Fatalf("back to an ancestor: forced %v, %d commits", p.Forced, len(p.Commits))
	}
	if p = w.pushed(mainRef, "0123456789012345678901234567890123456789", first); !p.Forced || p.HeadCommit.ID != first {
		t.Fatalf("from a commit that vanished: %+v", p)
	}
	if p = w.pushed("refs/heads/gone", first, zeroSHA); !p.Deleted || p.HeadCommit != nil || len(p.Commits) != 0 {
		t.Fatalf("deleted: %+v", p)
	}
	if p = w.pushed("refs/tags/v1", "", first); !p.Created || p.HeadCommit == nil || len(p.Commits) != 0 {
		t.Fatalf("tag: %+v", p)
	}
}

func TestPushMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1")
	w.pushed(mainRef, "", first)
	check(t, w.git.Branch("topic"))
	topic := w.commit("t.md=1")
	w.pushed("refs/heads/topic", "", topic)
	check(t, w.git.Branch("main"))
	w.commit("m.md=1")
	merge := must(w.git.Merge("topic"))(t)
	p := w.pushed(mainRef, first, merge)
	if len(p.Commits) != 3 || p.Commits[2].ID != merge || fmt.Sprint(p.Commits[2].Added) != "[t.md]" {
		t.Fatalf("the merge does not list its files against the first parent: %s", files(p))
	}
	for _, c := range p.Commits {
		if c.Distinct == (c.ID == topic) {
			t.Errorf("commit %s: distinct = %v", c.ID, c.Distinct)
		}
	}
}

func TestPushLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1")
	var stream strings.Builder
	for i := range maxPushCommits + 2 {
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter C <c@example.com> %d +0000\ndata 1\nx\n", 1800000000+i)
		if i == 0 {
			fmt.Fprintf(&stream, "from %s\n", first)
		}
	}
	for i := range maxPushCommitFiles + 5 {
		fmt.Fprintf(&stream, "M 100644 inline f/%05d\ndata 1\nx\n", i)
	}
	w.gitInput(stream.String(), "fast-import", "--quiet")
	head := must(w.git.Head())(t)
	p := w.pushed(mainRef, first, head)
	last := p.Commits[len(p.Commits)-1]
	if len(p.Commits) != maxPushCommits || last.ID != head || len(last.Added) != maxPushCommitFiles {
		t.Fatalf("%d commits, %d files", len(p.Commits), len(last.Added))
	}
}

func TestPayloadTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	before := len(w.Deliveries())
	if _, err := w.Deliver(t.Context(), "push", make([]byte, maxPayloadBytes+1)); !errors.Is(err, ErrPayloadTooLarge) {
		t.Fatalf("err = %v", err)
	}
	if len(w.Deliveries()) != before {
		t.Fatal("an event that GitHub never sends was logged")
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1") // after AddRepository: the first poll reports it
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Watch(ctx, w.repo.ID, 5*time.Millisecond) }()
	w.waitFor("push", first)
	w.waitFor("push", w.commit("a.md=2"))
	stop()
	check(t, <-done)
}

// waitFor blocks until a webhook whose body holds text has arrived.
func (w *world) waitFor(event, text string) {
	w.t.Helper()
	for {
		for _, got := range w.hook.events() {
			if got.header.Get("X-GitHub-Event") == event && strings.Contains(string(got.body), `"after":"`+text) {
				return
			}
		}
		select {
		case <-w.hook.notify:
		case <-w.t.Context().Done():
			w.t.Fatalf("no %s with %s", event, text)
		}
	}
}

func TestManyTagsAreSilent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1")
	for i := range maxPushedTags + 1 {
		must(w.git.Git("tag", fmt.Sprintf("v%d", i), first))(t)
	}
	check(t, w.poll(t.Context(), must(w.byID(w.repo.ID))(t)))
	var refs []string
	for _, d := range w.Deliveries() {
		if d.Event == "push" {
			refs = append(refs, string(d.Body))
		}
	}
	if len(refs) != 1 || !strings.Contains(refs[0], mainRef) {
		t.Fatalf("%d pushes were sent, want the branch's alone", len(refs))
	}
}

func TestRedelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.hook.mu.Lock()
	w.hook.status = 503
	w.hook.mu.Unlock()
	sent := must(w.Deliver(t.Context(), "ping", map[string]any{"zen": "x"}))(t)
	check(t, w.Redeliver(t.Context(), sent.GUID))
	list := w.Deliveries()
	again := list[len(list)-1]
	if sent.StatusCode != 503 || again.GUID != sent.GUID || again.ID == sent.ID {
		t.Fatalf("sent %+v, again %+v", sent, again)
	}
	bearer := "Authorization: Bearer " + w.appJWT()
	w.want(w.do("GET", "/app/hook/deliveries?status=failure&per_page=1", "", bearer), 200, sent.GUID)
	w.want(w.do("GET", fmt.Sprintf("/app/hook/deliveries/%d", sent.ID), "", bearer), 200, `"payload":{"zen":"x"}`)
	w.want(w.do("POST", fmt.Sprintf("/app/hook/deliveries/%d/attempts", sent.ID), "", bearer), 202, "")
	w.Server.hook.redeliveries.Wait()
	if len(w.Deliveries()) != len(list)+1 {
		t.Fatal("the API's redelivery was not sent")
	}
	w.now = func() time.Time { return time.Now().Add(deliveryRetention + time.Hour) }
	w.want(w.do("GET", "/app/hook/deliveries", "", "Authorization: Bearer "+w.appJWT()), 200, "[]")
}

func TestDropAndHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	arrived := func() (list []string) {
		for _, e := range w.hook.events() {
			list = append(list, e.header.Get("X-GitHub-Event"))
		}
		return list
	}
	w.DropDeliveries(1)
	lost := must(w.Deliver(t.Context(), "lost", map[string]any{}))(t)
	release := w.HoldDeliveries()
	must(w.Deliver(t.Context(), "held", map[string]any{}))(t)
	if got := arrived(); !slices.Equal(got, []string{"installation"}) {
		t.Fatalf("arrived %v", got)
	}
	check(t, w.Redeliver(t.Context(), lost.GUID))
	check(t, release(t.Context()))
	if got := arrived(); !slices.Equal(got, []string{"installation", "lost", "held"}) {
		t.Fatalf("arrived %v", got)
	}
}

func TestDefaultBranchEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	check(t, w.SetDefaultBranch(t.Context(), w.repo.ID, "trunk"))
	var event struct {
		Action  string
		Changes struct {
			DefaultBranch struct{ From string } `json:"default_branch"`
		}
	}
	if w.last("repository", &event); event.Action != "edited" || event.Changes.DefaultBranch.From != "main" {
		t.Fatalf("event = %+v", event)
	}
	if head := must(w.git.Git("symbolic-ref", "HEAD"))(t); head != mainRef {
		t.Fatalf("the user's HEAD became %s", head)
	}
}
