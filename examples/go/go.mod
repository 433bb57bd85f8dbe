module cimlib/examples/layers

go 1.19
