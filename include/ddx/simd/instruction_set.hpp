// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The compiler's target enters; the name of its instruction set and the size of its vectors leave.
#pragma once

// One inline namespace an instruction set: a program may contain kernels compiled for several, and the linker must not
// merge them.
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define DDX_ISA avx512
#define DDX_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define DDX_ISA avx2
#define DDX_VECTOR_BYTES 32
#elif defined(__SSE2__)
#define DDX_ISA sse2
#define DDX_VECTOR_BYTES 16
#else
#define DDX_ISA scalar
#define DDX_VECTOR_BYTES 8
#endif
