// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// CIM_EXPORT marks what libcimlib.so exports; all other symbols are hidden. It has no effect on
// Windows, where the DLLs export the C API (cimfs.h) alone.

#if defined(__GNUC__)
#define CIM_EXPORT __attribute__((visibility("default")))
#else
#define CIM_EXPORT
#endif
