//go:build contract

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium at one page, with what went wrong in it.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// openBrowser opens a page. The test fails when the page logs an error, throws,
// opens a dialog or asks another server for anything.
func openBrowser(t *testing.T, url string) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		program = "google-chrome"
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(3 * time.Minute), chromedp.WindowSize(1440, 1000)}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) { b.watch(event, url) })
	b.do(network.Enable(), log.Enable(), runtime.Enable(), chromedp.Navigate(url))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range b.problems {
			t.Error(p)
		}
	})
	return b
}

// watch notes what a page must not do.
func (b *browser) watch(event any, own string) {
	problem := ""
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		problem = fmt.Sprintf("console.%s: %s", e.Type, e.Args[0].Value)
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Error()
	case *log.EventEntryAdded:
		problem = fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *page.EventJavascriptDialogOpening:
		problem = "dialog: " + e.Message
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, own) {
			problem = "request to another server: " + e.Request.URL
		}
	}
	if problem != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.problems = append(b.problems, problem)
	}
}

func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits until a JavaScript expression is true.
func (b *browser) until(expression string) {
	b.t.Helper()
	var yes bool
	if err := chromedp.Run(b.ctx, chromedp.Poll(expression, &yes, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(2*time.Minute))); err != nil {
		b.picture("stuck")
		b.t.Fatalf("%s never becomes true: %v\n%s", expression, err, b.text("body"))
	}
}

// text gives what a reader sees of an element.
func (b *browser) text(selector string) (text string) {
	b.t.Helper()
	b.do(chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).innerText", selector), &text))
	return text
}

// count counts elements.
func (b *browser) count(selector string) (n int) {
	b.t.Helper()
	b.do(chromedp.Evaluate(fmt.Sprintf("document.querySelectorAll(%q).length", selector), &n))
	return n
}

// picture writes a screenshot into KGSYNC_SCREENSHOTS, if that is set.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("KGSYNC_SCREENSHOTS")
	if dir == "" {
		dir = b.t.TempDir()
	}
	var png []byte
	b.do(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// hostile is a name that would run if any of it were taken as markup.
const hostile = `<img src=x onerror="document.title='executed'">`

// TestContractBrowserShowsASyncLive drives the dashboard from an empty server to a
// second commit, without a reload.
func TestContractBrowserShowsASyncLive(t *testing.T) {
	t.Parallel()
	files := vault()
	files["pages/"+hostile+".md"] = "public:: true\nalias:: " + hostile + "\n\n- [[" + hostile + " linked]] [[Page 3]]\n"
	w := newWorld(t, files, func(c *config) { c.GroupSize, c.Workers = 1, 1 }) // slow enough to watch
	b := openBrowser(t, w.service.url())
	b.until(`document.querySelector('#notice').innerText.includes('install the App')`)
	b.do(chromedp.Evaluate(`window.marker = 'not reloaded'; window.seen = [];
		new MutationObserver(() => seen.push(document.querySelector('#progress').innerText)).observe(document.querySelector('#progress'), {childList: true, characterData: true}); 0`, nil))

	w.sim.SetLatency(150 * time.Millisecond)
	w.install()
	w.sim.SetLatency(0)
	b.until(`document.querySelector('#state').innerText === 'current'`)
	b.until(`seen.some(s => { const m = s.match(/^(\d+) of 21 files$/); return m && m[1] > 0 && m[1] < 21; })`)
	b.until(`document.querySelector('#progress').innerText === '21 of 21 files'`)
	if got := b.text("#repository"); !strings.Contains(got, "local/vault") {
		t.Errorf("the repository is shown as %q", got)
	}
	b.until(`['kg files processed\t21', 'total nodes\t', 'api requests\t'].every(s => document.querySelector('#statistics').innerText.includes(s))`)
	b.until(fmt.Sprintf(`document.querySelectorAll('#graph circle').length === %d`, w.count(`SELECT count(*) FROM kg.nodes`)))
	if got, want := b.count("#graph line"), w.count(`SELECT count(*) FROM kg.edges`); got != want {
		t.Errorf("%d edges are drawn, want %d", got, want)
	}
	if n := b.count("#graph circle.new"); n != 0 {
		t.Errorf("%d nodes of the first sync are shown as new", n)
	}

	w.push(w.commit(map[string]string{"pages/Fresh.md": "public:: true\n\n- see [[Page 3]] and [[Nobody]]\n"}))
	b.until(`[...document.querySelectorAll('#graph g.node')].some(g => g.textContent.startsWith('Fresh') && g.querySelector('circle.page.new'))`)
	b.picture("graph")
	b.do(chromedp.Evaluate(`[...document.querySelectorAll('#graph g.node')].find(g => g.textContent.startsWith('<img')).dispatchEvent(new MouseEvent('click')); 0`, nil))
	b.until(`document.querySelector('#facts').innerText.includes('Page 3')`)
	b.picture("page")
	if got := b.text("#facts"); !strings.Contains(got, hostile) {
		t.Errorf("the hostile name is not shown as it is written:\n%s", got)
	}
	b.until(`window.marker === 'not reloaded' && document.title === 'kgsync' && document.images.length === 1`)
}

// TestContractBrowserAsksForTheToken: with a read token the page says what it needs.
func TestContractBrowserAsksForTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.AdminToken, c.ReadToken = "admin", "read" })
	w.install()
	b := openBrowser(t, w.service.url())
	b.until(`!document.querySelector('#login').hidden`)
	b.do(chromedp.SendKeys("#token", "read\r"))
	b.until(`document.querySelectorAll('#graph circle').length > 20 && document.querySelector('#login').hidden`)
	b.mu.Lock()
	defer b.mu.Unlock()
	var others []string
	for _, p := range b.problems { // the browser itself logs the 401 that made the page ask
		if !strings.Contains(p, "401 (Unauthorized)") {
			others = append(others, p)
		}
	}
	b.problems = others
}
