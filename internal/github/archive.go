package github

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// ArchiveEntry is one file of an archive: a regular file, or a symlink whose
// content is its target, as in git. Directories, and submodules, which archives
// hold as empty directories, are left out.
type ArchiveEntry struct {
	Path string // as in the tree: the archive's own root directory is stripped
	Mode string // git's: 100644, 100755, 120000
	Size int64  // bytes
}

// Archive streams a commit's files in constant memory. It is made by git archive:
// .gitattributes may leave files out (export-ignore) or change their bytes
// (export-subst, eol, ident), so compare [BlobSHA] with the tree.
type Archive struct {
	commit  string
	body    io.Closer
	gzip    *gzip.Reader
	tar     *tar.Reader
	pending *tar.Header // read already, not yet given
}

// Archive opens the tarball of a commit; close it. GitHub answers with a link to
// another host that is signed and lives five minutes (docs:
// rest/repos/contents, download-a-repository-archive): it is fetched without our
// token. Errors of what comes later are *Error too.
func (i *Installation) Archive(ctx context.Context, fullName, commit string) (*Archive, error) {
	res, err := i.send(ctx, request{op: opArchiveLink, path: repoPath(fullName, "tarball/"+url.PathEscape(commit)), link: true})
	if err != nil {
		return nil, err
	}
	link := location(res.Response.Response)
	_ = res.Body.Close() // gives the place back: the download is no API request
	if link == nil {
		return nil, &Error{Op: opArchiveLink, Status: res.StatusCode, Class: Retry, Reason: "the answer is not a link to an archive"}
	}
	body, err := i.client.download(ctx, i.usage, link)
	if err != nil {
		return nil, err
	}
	a, err := openArchive(body)
	if err != nil {
		_ = body.Close()
		return nil, brokenOff(opArchive, err)
	}
	return a, nil
}

// download fetches a signed link without credentials, following its redirects.
func (c *client) download(ctx context.Context, usage *Usage, link *url.URL) (io.ReadCloser, error) {
	inner, current, end := c.begin(ctx, usage, opArchive, c.times.archive)
	for hop := 0; ; hop++ {
		if c.api.BaseURL.Scheme == "https" && link.Scheme != "https" {
			end()
			return nil, &Error{Op: opArchive, Class: Broken, Reason: "the link is not https"}
		}
		req := (&http.Request{Method: http.MethodGet, URL: link, Header: http.Header{
			"User-Agent":      {c.api.UserAgent},
			"Accept-Encoding": {"identity"}, // the file itself is compressed
		}}).WithContext(inner)
		res, err := c.links.Do(req)
		if err != nil {
			end()
			return nil, noAnswer(opArchive, current.why(err))
		}
		next := location(res)
		switch {
		case res.StatusCode == http.StatusOK:
			return &closing{ReadCloser: res.Body, done: end}, nil
		case next != nil && hop < maxRedirects:
			link = next
		default:
			end()
			return nil, c.refusedDownload(res.StatusCode, current.last)
		}
	}
}

// refusedDownload is milder than classify: a link that does not work says nothing
// about the repository, another link may work.
func (c *client) refusedDownload(status int, header http.Header) *Error {
	o := outcome{op: opArchive, status: status, header: header}
	e := &Error{Op: opArchive, Status: status, Class: Retry, Reason: http.StatusText(status)}
	if o.limited() {
		e.Class, e.is = Wait, ErrRateLimited
		e.RetryAfter, e.secondary, e.guessed = o.wait()
	}
	return e
}

var errNoArchive = errors.New("the archive holds an entry outside its root directory")

func openArchive(body io.ReadCloser) (*Archive, error) {
	z, err := gzip.NewReader(body)
	if err != nil {
		return nil, unexpected(err)
	}
	a := &Archive{body: body, gzip: z, tar: tar.NewReader(z)}
	h, err := a.tar.Next()
	switch {
	case err == io.EOF: // an empty tree
	case err != nil:
		return nil, err
	case h.Typeflag == tar.TypeXGlobalHeader:
		a.commit = h.PAXRecords["comment"]
	default:
		a.pending = h
	}
	return a, nil
}

// Commit is the commit that the archive was made of, by its pax global header;
// "" if it does not say.
func (a *Archive) Commit() string { return a.commit }

// Next gives the next file and its content, valid until the following Next. At
// the end, checksum included, it gives io.EOF.
func (a *Archive) Next() (ArchiveEntry, io.Reader, error) {
	for {
		h, err := a.header()
		if err == io.EOF {
			return ArchiveEntry{}, nil, a.finish()
		}
		if err != nil {
			return ArchiveEntry{}, nil, brokenOff(opArchive, err)
		}
		e := ArchiveEntry{Size: h.Size}
		var content io.Reader = entryReader{a.tar}
		switch {
		case h.Typeflag == tar.TypeSymlink:
			e.Mode, e.Size, content = "120000", int64(len(h.Linkname)), strings.NewReader(h.Linkname)
		case h.Typeflag != tar.TypeReg:
			continue
		case h.Mode&0o100 != 0:
			e.Mode = "100755"
		default:
			e.Mode = "100644"
		}
		root, rest, ok := strings.Cut(h.Name, "/")
		if !ok || root == "" || rest == "" || path.IsAbs(rest) {
			return ArchiveEntry{}, nil, brokenOff(opArchive, errNoArchive)
		}
		e.Path = rest
		return e, content, nil
	}
}

func (a *Archive) header() (*tar.Header, error) {
	if h := a.pending; h != nil {
		a.pending = nil
		return h, nil
	}
	return a.tar.Next()
}

// finish reads the padding, so that a cut or damaged archive is noticed.
func (a *Archive) finish() error {
	if _, err := io.Copy(io.Discard, io.LimitReader(a.gzip, 1<<20)); err != nil {
		return brokenOff(opArchive, err)
	}
	return io.EOF
}

// Close ends the download.
func (a *Archive) Close() error {
	if err := a.body.Close(); err != nil {
		return fmt.Errorf("close archive: %w", err)
	}
	return nil
}

// entryReader makes *Error of what fails under an entry.
type entryReader struct{ r io.Reader }

func (e entryReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil && err != io.EOF {
		err = brokenOff(opArchive, err)
	}
	return n, err
}
