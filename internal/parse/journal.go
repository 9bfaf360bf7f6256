package parse

import (
	"fmt"
	"strings"
	"time"

	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// journalOf returns the date of a journal page: a file in the journals folder
// whose name is a date in the configured file-name format, or in one of the two
// that Logseq always understands.
func journalOf(path string, cfg *repoconfig.Config) (time.Time, bool) {
	dir := cfg.JournalsDir
	if dir == "" || !strings.HasPrefix(path, dir+"/") && !strings.Contains(path, "/"+dir+"/") {
		return time.Time{}, false
	}
	base := baseName(path)
	for _, format := range []string{cfg.JournalFile, "yyyy_MM_dd", "yyyy-MM-dd"} {
		if day, ok := parseDate(format, base); ok {
			return day, true
		}
	}
	return time.Time{}, false
}

// dateToken is one field of a date format.
type dateToken struct {
	field byte // 'y', 'M', 'd', 'o' (day with suffix), 'E'; 0 for literal text
	width int
	text  string
}

// dateTokens splits a Logseq (cljs-time) date format: yyyy, MM, MMM, MMMM, d,
// dd, do, E, EEE, EEEE; text in single quotes and all else is literal.
func dateTokens(format string) []dateToken {
	var tokens []dateToken
	for i := 0; i < len(format); {
		c := format[i]
		n := 1
		for i+n < len(format) && format[i+n] == c {
			n++
		}
		switch {
		case c == 'd' && n == 1 && i+1 < len(format) && format[i+1] == 'o':
			tokens = append(tokens, dateToken{field: 'o'})
			n = 2
		case c == 'y' || c == 'M' || c == 'd' || c == 'E':
			tokens = append(tokens, dateToken{field: c, width: n})
		case c == '\'':
			end := strings.IndexByte(format[i+1:], '\'')
			if end < 0 {
				end = len(format) - i - 1
			}
			tokens = append(tokens, dateToken{text: format[i+1 : i+1+end]})
			n = min(end+2, len(format)-i)
		default:
			tokens = append(tokens, dateToken{text: format[i : i+n]})
		}
		i += n
	}
	return tokens
}

// formatDate writes day in a Logseq date format.
func formatDate(format string, day time.Time) string {
	var b strings.Builder
	for _, t := range dateTokens(format) {
		switch t.field {
		case 'y':
			b.WriteString(year(day.Year(), t.width))
		case 'M':
			b.WriteString(month(day.Month(), t.width))
		case 'd':
			fmt.Fprintf(&b, "%0*d", t.width, day.Day())
		case 'o':
			fmt.Fprintf(&b, "%d%s", day.Day(), ordinal(day.Day()))
		case 'E':
			name := day.Weekday().String()
			if t.width < 4 {
				name = name[:3]
			}
			b.WriteString(name)
		default:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

func year(y, width int) string {
	if width == 2 {
		return fmt.Sprintf("%02d", y%100)
	}
	return fmt.Sprintf("%04d", y)
}

func month(m time.Month, width int) string {
	switch width {
	case 1, 2:
		return fmt.Sprintf("%0*d", width, int(m))
	case 3:
		return m.String()[:3]
	}
	return m.String()
}

func ordinal(day int) string {
	if day >= 11 && day <= 13 {
		return "th"
	}
	switch day % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

// parseDate reads text in a Logseq date format. The whole text must be one
// existing day, so that "2024_02_31" is a page name and not a date.
func parseDate(format, text string) (time.Time, bool) {
	y, m, d := 0, 0, 0
	for _, t := range dateTokens(format) {
		n := 0
		switch t.field {
		case 'y':
			y, n = number(text, 4)
			if t.width == 2 {
				y += 2000
			}
		case 'M':
			m, n = monthOf(text, t.width)
		case 'd':
			d, n = number(text, 2)
		case 'o':
			if d, n = number(text, 2); n > 0 {
				n += len("th")
			}
		case 'E':
			n = letters(text)
		default:
			if !strings.HasPrefix(text, t.text) {
				return time.Time{}, false
			}
			text = text[len(t.text):]
			continue
		}
		if n == 0 || n > len(text) {
			return time.Time{}, false
		}
		text = text[n:]
	}
	day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	ok := text == "" && y > 0 && day.Year() == y && int(day.Month()) == m && day.Day() == d
	return day, ok
}

// number reads up to limit digits.
func number(text string, limit int) (value, width int) {
	for width < len(text) && width < limit && isDigit(text[width]) {
		value = value*10 + int(text[width]-'0')
		width++
	}
	return value, width
}

func monthOf(text string, width int) (value, n int) {
	if width <= 2 {
		return number(text, 2)
	}
	for m := time.January; m <= time.December; m++ {
		name := month(m, width)
		if len(text) >= len(name) && strings.EqualFold(text[:len(name)], name) {
			return int(m), len(name)
		}
	}
	return 0, 0
}

func letters(text string) int {
	n := 0
	for n < len(text) && 'a' <= text[n]|0x20 && text[n]|0x20 <= 'z' {
		n++
	}
	return n
}
