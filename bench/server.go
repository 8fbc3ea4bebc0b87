package main

// This file is the server of the request cases, a process of its own (part.go).

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
)

// serve answers on a port of its own, which it tells.
func serve(in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	small, page := smallBody(), pageBody()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, _ *http.Request) { answer(w, small) })
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { answer(w, page) })
	go http.Serve(listener, mux)
	if err := json.NewEncoder(out).Encode("http://" + listener.Addr().String()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func answer(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}

// server is the process that serves, seen from the one that calls.
type server struct {
	*part
	url string
}

func startServer() (*server, error) {
	p, err := startPart("server")
	if err != nil {
		return nil, err
	}
	s := &server{part: p}
	if err := s.hear(&s.url); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}
