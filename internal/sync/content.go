package sync

import (
	"context"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

// contents keeps files' bytes as blobs: compressed, under git's name. It is safe
// for concurrent use.
type contents struct {
	store *store.Store
	keep  bool // beyond the run that needs them
	enc   *zstd.Encoder
	dec   *zstd.Decoder
}

func newContents(st *store.Store, o Options) *contents {
	// One block of state each: callers run beside each other on other work.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(1<<18), zstd.WithEncoderCRC(false)) // git's own hash is checked
	if err != nil {
		panic(fmt.Sprintf("set up zstd: %v", err)) // the options are constant
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(uint64(max(o.MaxFileBytes, 1<<20))))
	if err != nil {
		panic(fmt.Sprintf("set up zstd: %v", err))
	}
	return &contents{store: st, keep: !o.DropBlobs, enc: enc, dec: dec}
}

func (c *contents) compress(content []byte) []byte {
	return c.enc.EncodeAll(content, make([]byte, 0, len(content)/3+64))
}

// kept is what to keep of a file that was fetched, nil for nothing.
func (c *contents) kept(content []byte) []byte {
	if !c.keep || content == nil {
		return nil
	}
	return c.compress(content)
}

// errDamaged says that kept bytes are not what their name says.
var errDamaged = errors.New("the kept bytes are damaged")

// open gives the bytes behind kept ones if they are what their name says.
func (c *contents) open(sha string, kept []byte, size int64) ([]byte, error) {
	content, err := c.dec.DecodeAll(kept, make([]byte, 0, max(size, 0)))
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w: %w", sha, errDamaged, err)
	}
	if github.BlobSHA(content) != sha {
		return nil, fmt.Errorf("blob %s: %w", sha, errDamaged)
	}
	return content, nil
}

// read gives a blob's bytes if they are kept. store.ErrNotFound without them;
// damaged ones are forgotten.
func (c *contents) read(ctx context.Context, repositoryID int64, sha string, size int64) ([]byte, error) {
	kept, err := c.store.Blob(ctx, repositoryID, sha)
	if err != nil {
		return nil, err
	}
	content, err := c.open(sha, kept, size)
	if err == nil {
		return content, nil
	}
	if err := c.store.ForgetBlob(ctx, repositoryID, sha); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", store.ErrNotFound, err)
}
