// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The runtime tape: programs on reals enter while they run, their derivatives leave.
#pragma once

#include "tape/check.hpp"
#include "tape/detect_anomaly.hpp"
#include "tape/format.hpp"
#include "tape/tape.hpp"
#include "tape/tensor_check.hpp"
#include "tape/tensor_math.hpp"
#include "tape/tensor_no_grad.hpp"
#include "tape/tensor_print.hpp"
#include "tape/tensor_tape.hpp"
