// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The kernels of isa.hpp compiled with the flags of this file enter; what they compute leaves.
#include "isa.hpp"

isa::report isa::run_baseline() { return run<DDX_VECTOR_BYTES>(); }
