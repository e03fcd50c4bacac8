// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Emitted code consists of one small function a node, all of which must be inlined.
#pragma once

#if defined(__GNUC__)
#define DDX_INLINE [[gnu::always_inline]] inline
#define DDX_INLINE_LAMBDA __attribute__((always_inline))
#else
#define DDX_INLINE inline
#define DDX_INLINE_LAMBDA
#endif
