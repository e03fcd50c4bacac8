// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function enters; its Jacobian or Hessian leaves as the entries that may differ from zero, at places known at compile time.
#pragma once

#include <array>

#include "../transform/sparsity.hpp"
#include "fn.hpp"

namespace ddx {

/// A place of a matrix.
struct matrix_place {
  int row, column;

  constexpr bool operator==(matrix_place const&) const = default;
};

namespace detail {

/// The numbers of a function's arguments as inputs of its graph.
template <class Source>
constexpr sequence<int> argument_inputs() {
  sequence<int> inputs;
  for (int i = 0; i < Source::arguments::count; ++i) inputs.push_back(i);
  return inputs;
}

/// Columns of one colour share a directional derivative, whose entries are single entries of the matrix: a tridiagonal Jacobian takes
/// three, however large it is.
constexpr void push_entries(graph& g, sequence<int> const& outputs, sequence<int> const& ids, sparsity const& pattern,
                            coloring const& colors) {
  sequence<sequence<int>> columns;
  for (int color = 0; color < colors.count; ++color) {
    sequence<int> seeds;
    for (int known : colors.color) seeds.push_back(constant_node(g, {known == color ? 1.0 : 0.0, 1}));
    columns.push_back(differentiator(g).tangent(outputs, ids, seeds));
  }
  for (compressed_place const& place : compressed_places(pattern, colors))
    g.outputs.push_back(columns[place.color][place.row]);
}

template <class Source>
struct sparse_jacobian_of {
  using arguments = typename Source::arguments;

  static constexpr sparsity pattern() {
    return jacobian_sparsity(frozen<raw<Source>>.view(), argument_inputs<Source>());
  }

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    sparsity const known = pattern();
    push_entries(g, outputs, ids, known, color_columns(known));
  }
};

template <class Source>
struct sparse_hessian_of {
  using arguments = typename Source::arguments;

  static constexpr sparsity pattern() {
    return hessian_sparsity(frozen<raw<Source>>.view(), argument_inputs<Source>());
  }

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    sparsity const known = pattern();
    push_entries(g, differentiator(g).gradient(outputs[0], ids), ids, known, color_symmetric(known));
  }
};

template <class Source>
constexpr auto places_of() {
  constexpr int count = Source::pattern().count();
  std::array<matrix_place, static_cast<std::size_t>(count)> places{};
  sparsity const pattern = Source::pattern();
  for (int row = 0; row < pattern.rows; ++row)
    for (int i = pattern.begin[row]; i < pattern.begin[row + 1]; ++i)
      places[static_cast<std::size_t>(i)] = {row, pattern.column[i]};
  return places;
}

}  // namespace detail

/// A matrix of derivatives as a function of the arguments: a call returns its entries, in the order of `places`.
template <class Source>
struct sparse_matrix {
  static constexpr int rows = Source::pattern().rows;
  static constexpr int columns = Source::pattern().columns;

  /// Row by row, the columns rising: where the entries that may differ from zero stand.
  static constexpr auto places = detail::places_of<Source>();

  template <Arithmetic... Numbers>
  constexpr auto operator()(Numbers... arguments) const {
    return function<Source, result_shape::vector>{}(arguments...);
  }
};

/// The Jacobian's entries that may differ from zero, each computed once: a row for each value of the function, a column for each
/// argument. The pattern is structural, that is the same wherever the function is called.
template <class Source, result_shape Shape>
constexpr auto sparse_jacobian(function<Source, Shape> const&) {
  return sparse_matrix<detail::sparse_jacobian_of<Source>>{};
}

/// The same of the matrix of second derivatives, both triangles; an entry and its mirror image are computed once.
template <class Source, result_shape Shape>
constexpr auto sparse_hessian(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return sparse_matrix<detail::sparse_hessian_of<Source>>{};
}

}  // namespace ddx
