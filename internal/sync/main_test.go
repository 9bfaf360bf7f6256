package sync_test

import (
	"os"
	"testing"

	"github.com/kgsync/kgsync/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }
