// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Emitted code consists of one small function a node, all of which must be inlined and treated as one expression.
#pragma once

#if defined(__GNUC__)
#define DDX_INLINE [[gnu::always_inline]] inline
#define DDX_INLINE_LAMBDA __attribute__((always_inline))
#else
#define DDX_INLINE inline
#define DDX_INLINE_LAMBDA
#endif

// The operations of a formula may be contracted (a*b + c rounded once) as those of one written expression are. clang knows
// expressions only as they are written, and here each operation is a function of its own; g++ contracts across statements.
#if defined(__clang__)
#define DDX_CONTRACTED_BEGIN _Pragma("float_control(push)") _Pragma("clang fp contract(fast)")
#define DDX_CONTRACTED_END _Pragma("float_control(pop)")
#else
#define DDX_CONTRACTED_BEGIN
#define DDX_CONTRACTED_END
#endif
