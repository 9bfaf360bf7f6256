package embedded

import "testing"

func TestThePasswordIsNoArgument(t *testing.T) {
	t.Parallel()
	for database, want := range map[string][2]string{
		"postgres://u:p%40ss@h:5432/d?sslmode=disable": {"postgres://u@h:5432/d?sslmode=disable", "p@ss"},
		"postgres://u@/d?host=%2Ftmp%2Fs":              {"postgres://u@/d?host=%2Ftmp%2Fs", ""},
		"host=h user=u":                                {"host=h user=u", ""},
	} {
		if rest, password := withoutPassword(database); rest != want[0] || password != want[1] {
			t.Errorf("%s becomes %s and %s", database, rest, password)
		}
	}
}
