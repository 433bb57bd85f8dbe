// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Command layers imports a layer as a container engine would: it reads the tar from an io.Reader,
// learns its size and digest, asks for the layer's disk usage, and removes the layer.
//
//	go build && ./layers STORE/LAYER < layer.tar.gz
//
// If cimlib is not installed in a directory that the compiler searches, set CGO_CFLAGS and
// CGO_LDFLAGS to what `pkg-config --cflags cimlib` and `pkg-config --libs cimlib` print.
package main

// #cgo LDFLAGS: -lcimlib
// #include <stdlib.h>
// #include <cimlib/layers.h>
//
// extern INT64 readSource(uintptr_t source, void* buffer, size_t size);
//
// static inline INT64 WINAPI read_source(void* context, void* buffer, size_t size) {
//   return readSource((uintptr_t)context, buffer, size);
// }
//
// static inline HRESULT import_layer(uintptr_t source, const CIMLIB_LAYER* layer,
//                                    CIMLIB_IMPORT_RESULT* result) {
//   result->StructSize = sizeof *result;
//   return CimlibImportLayer(read_source, (void*)source, layer, NULL, 0, NULL, result);
// }
import "C"

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// readFailed is HRESULT_FROM_WIN32(ERROR_IO_DEVICE).
const readFailed = C.ERROR_IO_DEVICE - 0x7FF90000

// source is what the callback reads, and the error that ended it.
type source struct {
	reader io.Reader
	err    error
}

// The library calls this on a thread of its own.
//
//export readSource
func readSource(handle C.uintptr_t, buffer unsafe.Pointer, size C.size_t) C.INT64 {
	from := cgo.Handle(handle).Value().(*source)
	n, err := io.ReadAtLeast(from.reader, unsafe.Slice((*byte)(buffer), int(size)), 1)
	if err != nil && err != io.EOF {
		from.err = err
		return readFailed
	}
	return C.INT64(n)
}

// layer has the paths of a layer as the library reads them.
type layer struct {
	paths C.CIMLIB_LAYER
}

func newLayer(directory string) *layer {
	return &layer{C.CIMLIB_LAYER{Directory: C.CString(directory)}}
}

func (l *layer) free() {
	C.free(unsafe.Pointer(l.paths.Directory))
}

// call runs a function of the library. The text of its error belongs to the thread.
func call(function func() C.HRESULT) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	hr := function()
	if hr >= 0 {
		return nil
	}
	var text [4096]C.char
	var length C.size_t
	if C.CimlibGetErrorTextUtf8(&text[0], C.size_t(len(text)), &length) < 0 || length == 0 {
		return fmt.Errorf("HRESULT %#x", uint32(hr))
	}
	return fmt.Errorf("%s", C.GoString(&text[0]))
}

func (l *layer) importFrom(reader io.Reader) (C.CIMLIB_IMPORT_RESULT, error) {
	from := &source{reader: reader}
	handle := cgo.NewHandle(from)
	defer handle.Delete()
	var result C.CIMLIB_IMPORT_RESULT
	err := call(func() C.HRESULT {
		return C.import_layer(C.uintptr_t(handle), &l.paths, &result)
	})
	if from.err != nil {
		err = from.err
	}
	return result, err
}

func (l *layer) usage() (C.CIMLIB_LAYER_USAGE, error) {
	var usage C.CIMLIB_LAYER_USAGE
	usage.StructSize = C.UINT32(unsafe.Sizeof(usage))
	err := call(func() C.HRESULT { return C.CimlibGetLayerUsage(&l.paths, &usage) })
	return usage, err
}

func (l *layer) destroy() error {
	return call(func() C.HRESULT { return C.CimlibDestroyLayer(&l.paths, 0, nil) })
}

func run(directory string) error {
	l := newLayer(directory)
	defer l.free()
	result, err := l.importFrom(os.Stdin)
	if err != nil {
		return err
	}
	fmt.Println("digest", C.GoString(&result.DiffId[0]))
	fmt.Println("size", result.TarSize)
	usage, err := l.usage()
	if err != nil {
		return err
	}
	fmt.Println("usage", usage.Size, "bytes in", usage.Inodes, "inodes")
	return l.destroy()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "use: layers STORE/LAYER < TAR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "layers:", err)
		os.Exit(1)
	}
}
