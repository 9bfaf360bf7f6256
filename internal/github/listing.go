package github

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/url"
	"strconv"
)

// maxJSONBytes bounds an answer that is decoded as a whole; a page of 100
// repositories is below a megabyte.
const maxJSONBytes = 16 << 20

// decodeJSON reads an answer to its end and decodes it.
func decodeJSON(op string, a *answer, into any) error {
	defer a.Body.Close()
	data, err := io.ReadAll(io.LimitReader(a.Body, maxJSONBytes+1))
	if err != nil {
		return brokenOff(op, err)
	}
	if len(data) > maxJSONBytes {
		return &Error{Op: op, Class: Gone, is: ErrTooLarge, Reason: "the answer is larger than 16 MiB"}
	}
	if json.Unmarshal(data, into) != nil { // its message may quote the answer
		return &Error{Op: op, Status: a.StatusCode, Class: Retry, Reason: "the answer is not the JSON that was expected"}
	}
	return nil
}

// list yields the items of a paged listing, 100 a page. read decodes a page and
// must fail where the listing is missing: an empty answer is no empty listing.
// After an error nothing more is yielded. A listing that changes meanwhile may
// yield an item twice or not at all.
func list[T any](ctx context.Context, c *client, usage *Usage, op, path string, read func(*answer) ([]T, error)) iter.Seq2[T, error] {
	return listFrom(ctx, c, usage, op, path, "page", "", read)
}

// listFrom is list from the page on that the parameter names by the value, "" for the first.
func listFrom[T any](ctx context.Context, c *client, usage *Usage, op, path, parameter, value string, read func(*answer) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := url.Values{"per_page": {"100"}}
		if value != "" {
			query.Set(parameter, value)
		}
		var zero T
		for {
			res, err := c.send(ctx, usage, request{op: op, path: path + "?" + query.Encode()})
			if err != nil {
				yield(zero, err)
				return
			}
			items, err := read(res)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			switch {
			case res.Cursor != "":
				query.Set("cursor", res.Cursor)
			case res.NextPage != 0:
				query.Set("page", strconv.Itoa(res.NextPage))
			default:
				return
			}
		}
	}
}

var errNoListing = errors.New("the listing is missing")

// array reads a page that is a JSON array.
func array[T any](op string) func(*answer) ([]T, error) {
	return func(a *answer) ([]T, error) {
		var page []T
		if err := decodeJSON(op, a, &page); err != nil {
			return nil, err
		}
		if page == nil {
			return nil, brokenOff(op, errNoListing)
		}
		return page, nil
	}
}
