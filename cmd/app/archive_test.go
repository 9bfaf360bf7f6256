package main

import (
	"fmt"
	"testing"
)

// A first sync of many files asks for one archive, unless archives are off.
func TestArchivesAreReadUnlessTheyAreOff(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 150 {
		files[fmt.Sprintf("pages/Page %d.md", i)] = fmt.Sprintf("public:: true\n\n- see [[Page %d]]\n", i+1)
	}
	for setting, archives := range map[string]int{"on": 1, "off": 0} {
		w := newWorld(t, files, func(c *config) { c.Archives = setting })
		w.install()
		w.want(150, `SELECT count(*) FROM kg.pages`)
		asked := w.sim.Requests()
		if asked["codeload"] != archives || archives == 0 && asked["git/get-blob"]+asked["repos/get-content"] < 150 {
			t.Errorf("archives %s: %v", setting, asked)
		}
	}
}
