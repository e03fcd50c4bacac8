// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What Boost.Math asks of expressions: its functions compute with the reals that these become. Reals alone need
// nothing.
#pragma once

#include <boost/math/tools/promotion.hpp>

#include "functions.hpp"

namespace boost::math::tools {

template <ddx::RealExpression Type>
struct promote_arg<Type> {
  using type = ddx::real;
};

}  // namespace boost::math::tools
