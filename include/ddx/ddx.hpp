// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// All of ddx but the readers of data files (ddx/data/) and the runtime tape.
#pragma once

// Lowest first, in the order of the pipeline: so the compilers' messages begin with a short chain of includes.
// clang-format off
#include "primitive/operand.hpp"
#include "graph/traced.hpp"
#include "primitive/reduction.hpp"
#include "primitive/scan.hpp"
#include "formula/derive.hpp"
#include "formula/mistake.hpp"
#include "formula/text_formula.hpp"
#include "bind/bind.hpp"
#include "evaluate/eval.hpp"
#include "function/fn.hpp"
#include "print/print.hpp"
#include "loop/compile.hpp"
#include "step/stepper.hpp"
// clang-format on
