package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// role is the variable that makes a process of this test a parent, which starts a child and ends with its standard input,
// or that child.
const role = "BITS_TEST_PROCESS"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "parent":
		child := exec.Command(os.Args[0])
		child.Env, child.Stdout = append(os.Environ(), role+"=child"), os.Stdout
		if err := child.Start(); err != nil {
			fmt.Println(err)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "child":
		waitForParent := watchParent()
		fmt.Println("started")
		waitForParent()
		fmt.Println("orphaned")
	default:
		os.Exit(m.Run())
	}
}

// TestTheEndOfTheParentIsNoticed has a process end whose child waits for that.
func TestTheEndOfTheParentIsNoticed(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), role+"=parent")
	stdin, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || lines.Text() != "started" {
		t.Fatalf("the child printed %q: %v", lines.Text(), lines.Err())
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if !lines.Scan() || lines.Text() != "orphaned" {
		t.Errorf("the child printed %q: %v", lines.Text(), lines.Err())
	}
	if err := parent.Wait(); err != nil {
		t.Error(err)
	}
}
