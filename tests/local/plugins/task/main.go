// Task is the smallest program that a test's pod can run: it sleeps, then exits as told.
//
// `task SECONDS CODE`; a SIGTERM ends it at once with code 143.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	seconds, _ := strconv.Atoi(os.Args[1])
	code, _ := strconv.Atoi(os.Args[2])
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	select {
	case <-told:
		code = 143
	case <-time.After(time.Duration(seconds) * time.Second):
	}
	fmt.Println("exit", code)
	os.Exit(code)
}
