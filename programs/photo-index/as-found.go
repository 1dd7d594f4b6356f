// Copies a photo into photos/ and adds it to index.json: what a program in Go does that nothing has broken yet.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := add(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func add(source string) error {
	text, err := os.ReadFile("index.json")
	if err != nil {
		return err
	}
	index := map[string]int64{}
	if err := json.Unmarshal(text, &index); err != nil {
		return fmt.Errorf("index.json: %w", err)
	}
	name := filepath.Base(source)
	if index[name], err = copyTo(filepath.Join("photos", name), source); err != nil {
		return err
	}
	if text, err = json.Marshal(index); err != nil {
		return err
	}
	if err := os.WriteFile("index.json", text, 0o644); err != nil {
		return err
	}
	fmt.Printf("{\"photos\":%d}\n", len(index))
	return nil
}

func copyTo(target, source string) (int64, error) {
	from, err := os.Open(source)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	to, err := os.Create(target)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(to, from)
	if err != nil {
		to.Close()
		return 0, err
	}
	return size, to.Close()
}
