// Command probe is a pod's eyes and hands: it answers over HTTP what it can resolve, fetch, read and write.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const file = "/data/note"

func main() {
	client := http.Client{Timeout: 5 * time.Second}
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		if os.Getenv("READY") == "no" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/resolve", func(w http.ResponseWriter, r *http.Request) {
		addresses, err := net.DefaultResolver.LookupHost(r.Context(), r.URL.Query().Get("name"))
		answer(w, addresses, err)
	})
	http.HandleFunc("/fetch", func(w http.ResponseWriter, r *http.Request) {
		response, err := client.Get(r.URL.Query().Get("url"))
		if err != nil {
			answer(w, nil, err)
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answer(w, string(body), err)
	})
	http.HandleFunc("/write", func(w http.ResponseWriter, r *http.Request) {
		answer(w, "written", os.WriteFile(file, []byte(r.URL.Query().Get("text")), 0o600))
	})
	http.HandleFunc("/read", func(w http.ResponseWriter, _ *http.Request) {
		content, err := os.ReadFile(file)
		answer(w, string(content), err)
	})
	http.HandleFunc("/name", func(w http.ResponseWriter, _ *http.Request) {
		name, err := os.Hostname()
		answer(w, name, err)
	})
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "probe_measured 1")
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(":8080", nil))
	os.Exit(1)
}

func answer(w http.ResponseWriter, what any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	json.NewEncoder(w).Encode(what)
}
