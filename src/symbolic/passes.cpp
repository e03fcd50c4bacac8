// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas known only at run time enter; one pass over their graph each; formulas leave.
#include <fmt/format.h>

#include <ddx/symbolic/symbolic.hpp>
#include <ddx/transform/collect.hpp>
#include <ddx/transform/expand.hpp>
#include <ddx/transform/factor_out.hpp>
#include <ddx/transform/series.hpp>
#include <ddx/transform/substitute.hpp>

#include "arena.hpp"

namespace ddx {

namespace {

using detail::with_positions_of;

/// The variable of that name, which is added where the formula lacks it.
int input_of(graph& g, std::string const& name, char const* call) {
  int index = g.find_input(name);
  if (index < 0) {
    g.inputs.push_back({.name = name});
    index = g.inputs.size() - 1;
  }
  if (g.inputs[index].rank > 0)
    throw error(fmt::format("ddx::{}: '{}' must be a variable, it is an array", call, name));
  return index;
}

}  // namespace

symbolic simplify(symbolic const& f, level assumed) {
  return with_positions_of(f, symbolic::from(simplify(f.extract().view(), sharing::expand, assumed).view()));
}

symbolic expand(symbolic const& f) { return with_positions_of(f, symbolic::from(expand(f.extract().view()).view())); }

symbolic factor_out(symbolic const& f) {
  return with_positions_of(f, symbolic::from(factor_out(f.extract().view()).view()));
}

symbolic collect(symbolic const& f, std::string const& name) {
  graph g = f.extract();
  int const input = input_of(g, name, "collect");
  return with_positions_of(f, symbolic::from(collect(g.view(), input).view()));
}

symbolic substitute(symbolic const& f, std::string const& name, symbolic const& replacement) {
  graph g = f.extract();
  int const input = input_of(g, name, "substitute");
  return symbolic::from(substitute(g.view(), input, replacement.extract().view()).view());
}

symbolic series(symbolic const& f, std::string const& name, symbolic const& at, int order) {
  graph const point = at.extract();
  if (!point.inputs.empty()) throw error("ddx::series: the point must be a number or a formula without variables");
  node const& where = point.nodes[point.outputs[0]];
  if (is<constant_>(where) && where.constant.denominator == 1) {
    graph g = f.extract();
    int const input = input_of(g, name, "series");
    return symbolic::from(series(g.view(), input, where.constant.numerator, order).view());
  }
  // A point such as pi/2 stays exact: the series about 0 of the formula moved there.
  symbolic const x = symbolic::variable(name);
  symbolic const moved = substitute(f, name, at + x);
  return substitute(series(moved, name, symbolic(0), order), name, x - at);
}

}  // namespace ddx
