// ferretdb - a MongoDB-protocol server for the tests, where there is no mongod.
//
//	ferretdb [-listen 127.0.0.1:0] [-raw] FOLDER
//
// FerretDB with its SQLite backend in FOLDER, which must exist, and in front of
// it a proxy that makes it behave as MongoDB does where v2m relies on that:
// update, findAndModify and delete run one at a time, because FerretDB 1.x does
// each in two steps, in no transaction.  So it may also hide that it is
// FerretDB; -raw leaves out lock and disguise.
//
// The address is printed on stdout, as a URL, once the server can be asked.
// SIGUSR1 cuts all connections, SIGTERM ends it.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

const (
	headerSize = 16
	opMsg      = 2013
	moreToCome = 1 << 1 // the sender of this message wants no answer
	messageMax = 128 << 20
)

// One at a time: the lock that FerretDB has not got.
var changes sync.Mutex

var raw = flag.Bool("raw", false, "FerretDB as it is, without lock")

// The connections of clients, to be cut.
var clients = struct {
	sync.Mutex
	open map[net.Conn]bool
}{open: map[net.Conn]bool{}}

func cutAll() {
	clients.Lock()
	defer clients.Unlock()
	for c := range clients.open {
		c.Close()
	}
}

func readMessage(r io.Reader) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(header[:])
	if n < headerSize || n > messageMax {
		return nil, errors.New("a message of an impossible length")
	}
	m := make([]byte, n)
	copy(m, header[:])
	_, err := io.ReadFull(r, m[headerSize:])
	return m, err
}

// The first key of the body document names the command.  Clients may put
// document sequences in front of the body.
func command(m []byte) (name string, answered bool) {
	if binary.LittleEndian.Uint32(m[12:]) != opMsg {
		return "", true
	}
	if len(m) < headerSize+4 {
		return "", true
	}
	flags := binary.LittleEndian.Uint32(m[headerSize:])
	for s := m[headerSize+4:]; len(s) > 5; {
		size := int(binary.LittleEndian.Uint32(s[1:]))
		if s[0] == 1 {
			if size < 4 || size+1 > len(s) {
				break
			}
			s = s[1+size:]
			continue
		}
		if s[0] == 0 && len(s) > 6 { // size, type, then the key
			name, _, _ = strings.Cut(string(s[6:]), "\x00")
		}
		break
	}
	return name, flags&moreToCome == 0
}

// Hand m to the server and return what it answers, nil where nothing is.
func ask(server net.Conn, m []byte) ([]byte, error) {
	name, answered := command(m)
	if !*raw {
		switch name {
		case "update", "findAndModify", "findandmodify", "delete":
			changes.Lock()
			defer changes.Unlock()
		}
	}
	if _, err := server.Write(m); err != nil {
		return nil, err
	}
	if !answered {
		return nil, nil
	}
	answer, err := readMessage(server)
	if !*raw && strings.EqualFold(name, "buildInfo") {
		answer = bytes.ReplaceAll(answer, []byte("ferretdb"),
			[]byte("guarded_"))
	}
	return answer, err
}

func serve(client net.Conn, address string) {
	clients.Lock()
	clients.open[client] = true
	clients.Unlock()
	defer func() {
		clients.Lock()
		delete(clients.open, client)
		clients.Unlock()
		client.Close()
	}()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		m, err := readMessage(client)
		if err != nil {
			return
		}
		answer, err := ask(server, m)
		if err != nil {
			return
		}
		if answer != nil {
			if _, err := client.Write(answer); err != nil {
				return
			}
		}
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where to listen")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: ferretdb [-listen ADDRESS] [-raw] FOLDER")
	}
	// It writes a state.json into its working directory.
	if err := os.Chdir(flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
	db, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Handler:   "sqlite",
		SQLiteURL: "file:./",
		Logger: slog.New(slog.NewTextHandler(os.Stderr,
			&slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		log.Fatal(db.Run(context.Background()))
	}()
	address := strings.TrimSuffix(strings.TrimPrefix(db.MongoDBURI(),
		"mongodb://"), "/")

	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT,
		syscall.SIGUSR1)
	go func() {
		for s := range signals {
			if s != syscall.SIGUSR1 {
				os.Exit(0)
			}
			cutAll()
		}
	}()
	fmt.Printf("mongodb://%s/\n", l.Addr())
	for {
		client, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client, address)
	}
}
