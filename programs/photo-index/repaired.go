// The same, repaired: under its name each file is whole, and on the disk; nothing counts before the index names it. Each
// start removes what the index does not name. Without a photo it is such a start, and nothing else.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(sources []string) error {
	if err := sweep(); err != nil {
		return err
	}
	for _, source := range sources {
		if err := add(source); err != nil {
			sweep()
			return err
		}
	}
	return nil
}

func add(source string) error {
	index, err := read()
	if err != nil {
		return err
	}
	photo, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	name := filepath.Base(source)
	if err := store(filepath.Join("photos", name), photo); err != nil {
		return err
	}
	index[name] = int64(len(photo))
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	if err := store("index.json", text); err != nil {
		return err
	}
	fmt.Printf("{\"photos\":%d}\n", len(index))
	return nil
}

func read() (map[string]int64, error) {
	text, err := os.ReadFile("index.json")
	if err != nil {
		return nil, err
	}
	index := map[string]int64{}
	return index, json.Unmarshal(text, &index)
}

// store gives the name to a file that is whole and on the disk.
func store(path string, content []byte) error {
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

func sweep() error {
	if err := os.Remove("index.json.new"); err != nil && !os.IsNotExist(err) {
		return err
	}
	index, err := read()
	if err != nil {
		return err
	}
	photos, err := os.ReadDir("photos")
	if err != nil {
		return err
	}
	for _, photo := range photos {
		if _, isNamed := index[photo.Name()]; !isNamed {
			if err := os.Remove(filepath.Join("photos", photo.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
