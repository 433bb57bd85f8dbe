// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// CIM_EXPORT marks the symbols that the shared library exports; all others are hidden.

#if defined(_WIN32) && defined(CIMLIB_SHARED)
#if defined(CIMLIB_BUILDING)
#define CIM_EXPORT __declspec(dllexport)
#else
#define CIM_EXPORT __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define CIM_EXPORT __attribute__((visibility("default")))
#else
#define CIM_EXPORT
#endif
