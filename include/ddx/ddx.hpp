// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// All of ddx but the readers of data files (ddx/data/) and the runtime tape.
#pragma once

#include "evaluate/eval.hpp"
#include "function/fn.hpp"
#include "loop/compile.hpp"
#include "print/print.hpp"
#include "step/stepper.hpp"
