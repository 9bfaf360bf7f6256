package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	stdsync "sync"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// maxConfigBytes bounds one configuration file; a larger one is treated as
// unreadable content would be: it says nothing.
const maxConfigBytes = 1 << 20

// derivationKey names everything beside a file's own bytes that decides its facts [9]:
// first what this process brings, then the hash of the repository's configuration.
func (o *Options) derivationKey(files []store.TreeEntry) string {
	h := sha256.New()
	for _, f := range files { // sorted by path
		fmt.Fprintf(h, "%s %q\n", f.Blob, f.Path)
	}
	return o.process() + hex.EncodeToString(h.Sum(nil))[:32]
}

// process is what this process brings to a derivation key: its parser and its limit.
func (o *Options) process() string { return fmt.Sprintf("%d/%d/", parse.Version, o.MaxFileBytes) }

// derives reports whether this process reads files as one does that made the key.
func (o *Options) derives(key string) bool { return strings.HasPrefix(key, o.process()) }

// ownKey is the key under which this process reads a file that is wanted under another
// process's: while a new version is deployed both take each other's jobs.
func (o *Options) ownKey(key string) string {
	return o.process() + key[strings.LastIndexByte(key, '/')+1:]
}

// loadConfig reads the staged configuration files at their blobs and keeps them
// under their derivation key.
func (p *plan) loadConfig(ctx context.Context) (string, *repoconfig.Config, error) {
	staged, err := p.store.StagedConfig(ctx, p.run.ID)
	if err != nil {
		return "", nil, err
	}
	files := map[string][]byte{}
	if p.followsOther() {
		if staged, err = p.withDefaultConfig(ctx, staged, files); err != nil {
			return "", nil, err
		}
	}
	key := p.opts.derivationKey(staged)
	// The row decides, not this process's memory: others read the configuration from it.
	kept, err := p.store.KeepDerivation(ctx, p.repo.ID, key)
	if err != nil {
		return "", nil, err
	}
	if kept {
		config, err := p.configs.get(ctx, p.repo.ID, key)
		return key, config, err
	}
	for _, f := range staged {
		if _, known := files[f.Path]; known {
			continue
		}
		content, err := p.src.Blob(ctx, p.repo.FullName, f.Blob, maxConfigBytes)
		switch {
		case isTooLarge(err):
			continue
		case err != nil:
			return "", nil, fmt.Errorf("read configuration %s: %w", f.Path, err)
		}
		files[f.Path] = content
	}
	if err := p.store.PutDerivation(ctx, p.repo.ID, key, files); err != nil {
		return "", nil, err
	}
	config, err := p.configs.get(ctx, p.repo.ID, key)
	return key, config, err
}

// withDefaultConfig puts the default branch's .kgsync.yml in the place of the
// followed branch's.
func (p *plan) withDefaultConfig(ctx context.Context, staged []store.TreeEntry, files map[string][]byte) ([]store.TreeEntry, error) {
	c, err := p.readDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	staged = slices.DeleteFunc(staged, func(e store.TreeEntry) bool { return e.Path == repoconfig.Path })
	if c.blob != "" {
		files[repoconfig.Path] = c.content
		staged = append(staged, store.TreeEntry{Path: repoconfig.Path, Blob: c.blob, Mode: modeRegular, Config: true})
		slices.SortFunc(staged, func(a, b store.TreeEntry) int { return strings.Compare(a.Path, b.Path) })
	}
	return staged, nil
}

// configCache keeps the parsed configurations of the derivation keys in use.
type configCache struct {
	store *store.Store
	mu    stdsync.Mutex
	known map[configKey]*repoconfig.Config
}

type configKey struct {
	repository int64
	key        string
}

// maxCachedConfigs bounds the cache; it is emptied when full, because a
// configuration is cheap to read again.
const maxCachedConfigs = 256

func (c *configCache) get(ctx context.Context, repository int64, key string) (*repoconfig.Config, error) {
	id := configKey{repository, key}
	c.mu.Lock()
	config := c.known[id]
	c.mu.Unlock()
	if config != nil {
		return config, nil
	}
	files, err := c.store.Derivation(ctx, repository, key)
	if err != nil {
		return nil, err
	}
	config = repoconfig.Load(files)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxCachedConfigs {
		clear(c.known)
	}
	c.known[id] = config
	return config, nil
}
