// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A formula and where to draw it enter; a picture in a file or in characters leaves.
#pragma once

#include "formula_session.hpp"

namespace ddx::command {

/// Draws a formula and its derivative over a range of one variable; the others have their values from --at.
answer plot_formula(symbolic const& f, formula_options const& options);

}  // namespace ddx::command
