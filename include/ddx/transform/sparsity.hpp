// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters; which entries of its Jacobian or Hessian may differ from zero leaves, and groups of columns that one directional
// derivative computes together.
#pragma once

#include <cstdint>

#include "../primitive/reduction.hpp"

namespace ddx {

/// The places of a matrix that may differ from zero, row by row.
struct sparsity {
  int rows = 0, columns = 0;
  sequence<int> begin;   ///< where each row begins in `column`, and one more
  sequence<int> column;  ///< rising in each row

  constexpr int count() const { return column.size(); }
  constexpr bool contains(int row, int col) const {
    for (int i = begin[row]; i < begin[row + 1]; ++i)
      if (column[i] == col) return true;
    return false;
  }
};

/// A colour for each column, numbered from 0.
struct coloring {
  sequence<int> color;
  int count = 0;
};

/// Where an entry is found in the compressed matrix, whose columns are the sums of the columns of one colour.
struct compressed_place {
  int row, color;
};

namespace detail {

/// Sets of small numbers, one a row.
class bit_rows {
 public:
  constexpr bit_rows(int rows, int columns)
      : rows_(rows), columns_(columns), words_((columns + 63) / 64), bits_(rows * ((columns + 63) / 64), 0) {}

  constexpr void set(int row, int column) {
    bits_[row * words_ + column / 64] |= std::uint64_t{1} << static_cast<unsigned>(column % 64);
  }
  constexpr bool get(int row, int column) const {
    return (bits_[row * words_ + column / 64] >> static_cast<unsigned>(column % 64) & 1u) != 0;
  }
  constexpr void join(int row, bit_rows const& other, int other_row) {
    for (int i = 0; i < words_; ++i) bits_[row * words_ + i] |= other.bits_[other_row * words_ + i];
  }

  /// The rows as a pattern.
  constexpr void write(sparsity& pattern) const {
    pattern.rows = rows_;
    pattern.columns = columns_;
    pattern.begin.push_back(0);
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column)
        if (get(row, column)) pattern.column.push_back(column);
      pattern.begin.push_back(pattern.column.size());
    }
  }

 private:
  int rows_, columns_, words_;
  sequence<std::uint64_t> bits_;
};

/// What nodes depend on, through partial derivatives that are not the constant 0: floor(x) depends on nothing, where(c, a, b) on a
/// and b, a comparison on nothing.
class dependence {
 public:
  constexpr dependence(graph_view source, sequence<int> const& inputs)
      : g_(copied(source)), count_(source.node_count), inputs_(inputs), reach_(source.node_count, inputs.size()) {
    for (int id = 0; id < count_; ++id) {
      if (is<input_>(g_.nodes[id]))
        for (int i = 0; i < inputs_.size(); ++i)
          if (inputs_[i] == g_.nodes[id].index) reach_.set(id, i);
      for (int k = 0; k < g_.nodes[id].op->arity; ++k)
        if (partial(id, k) >= 0) reach_.join(id, reach_, g_.nodes[id].operands[k]);
    }
  }

  constexpr bit_rows const& reach() const { return reach_; }

  /// A pair of inputs interacts where some operation that the output depends on has a second partial derivative by operands that
  /// reach them.
  constexpr void interactions(int output, bit_rows& pairs) {
    sequence<char> active(count_, 0);
    active[output] = 1;
    for (int id = output; id >= 0; --id) {
      if (!active[id]) continue;
      int const arity = g_.nodes[id].op->arity;
      for (int i = 0; i < arity; ++i) {
        int const derived = partial(id, i);
        if (derived < 0) continue;
        active[g_.nodes[id].operands[i]] = 1;
        unsigned const mixed = operands_in(derived, id);
        for (int k = 0; k < arity; ++k)
          if ((mixed >> k & 1u) && partial(id, k) >= 0) pair(g_.nodes[id].operands[i], g_.nodes[id].operands[k], pairs);
      }
    }
  }

 private:
  static constexpr graph copied(graph_view source) {
    graph g = graph::like(source);
    for (int i = 0; i < source.node_count; ++i) g.intern(source.nodes[i]);
    return g;
  }

  /// The node of a partial derivative, -1 where it is the constant 0.
  constexpr int partial(int id, int operand) {
    int const key = max_arity * id + operand;
    while (partials_.size() <= key) partials_.push_back(unknown);
    if (partials_[key] == unknown) {
      int const derived = g_.nodes[id].op->partial(g_, operand, id);
      node const& n = g_.nodes[derived];
      partials_[key] = is<constant_>(n) && n.constant.numerator == 0 ? -1 : derived;
    }
    return partials_[key];
  }

  /// Which operands of `self` an expression in them depends on, a bit each.
  constexpr unsigned operands_in(int expression, int self) {
    unsigned found = 0;
    sequence<int> pending;
    pending.push_back(expression);
    while (!pending.empty()) {
      int const id = pending.back();
      pending.pop_back();
      if (id == self) return ~0u;
      bool is_operand = false;
      for (int k = 0; k < g_.nodes[self].op->arity; ++k)
        if (g_.nodes[self].operands[k] == id) {
          found |= 1u << k;
          is_operand = true;
        }
      for (int k = 0; k < g_.nodes[id].op->arity && !is_operand; ++k)
        if (partial(id, k) >= 0) pending.push_back(g_.nodes[id].operands[k]);
    }
    return found;
  }

  constexpr void pair(int left, int right, bit_rows& pairs) const {
    for (int i = 0; i < inputs_.size(); ++i) {
      if (reach_.get(left, i)) pairs.join(i, reach_, right);
      if (reach_.get(right, i)) pairs.join(i, reach_, left);
    }
  }

  static constexpr int unknown = -2;

  graph g_;  // the source, to which partial derivatives are appended
  int count_;
  sequence<int> inputs_;
  bit_rows reach_;
  sequence<int> partials_;
};

/// Whether no other entry of the row has the colour of `column`.
constexpr bool is_only_one(sparsity const& pattern, coloring const& colors, int row, int column) {
  for (int i = pattern.begin[row]; i < pattern.begin[row + 1]; ++i) {
    int const other = pattern.column[i];
    if (other != column && colors.color[other] == colors.color[column]) return false;
  }
  return true;
}

/// Gives `column` the first colour that is not forbidden for it.
constexpr void assign_free(coloring& colors, sequence<int> const& forbidden, int column) {
  int free = 0;
  while (free < forbidden.size() && forbidden[free] == column) ++free;
  colors.color[column] = free;
  if (free == colors.count) ++colors.count;
}

}  // namespace detail

/// Which outputs of `source` depend on which of `inputs` (numbers of inputs): a row an output, a column an input. An array counts as
/// one input. What only decides a comparison, or is rounded, does not count.
constexpr sparsity jacobian_sparsity(graph_view source, sequence<int> const& inputs) {
  detail::dependence const known(source, inputs);
  detail::bit_rows rows(source.output_count, inputs.size());
  for (int i = 0; i < source.output_count; ++i) rows.join(i, known.reach(), source.outputs[i]);
  sparsity pattern;
  rows.write(pattern);
  return pattern;
}

/// Which pairs of `inputs` have a second derivative of output `output` that may differ from zero: symmetric.
constexpr sparsity hessian_sparsity(graph_view source, sequence<int> const& inputs, int output = 0) {
  detail::dependence known(source, inputs);
  detail::bit_rows pairs(inputs.size(), inputs.size());
  known.interactions(source.outputs[output], pairs);
  sparsity pattern;
  pairs.write(pattern);
  return pattern;
}

/// Colours columns so that no row has two entries of one colour: each entry of the matrix is an entry of the compressed one, row by
/// row. Greedy, in the order of the columns; a band of width w takes w colours.
constexpr coloring color_columns(sparsity const& pattern) {
  sparsity rows_of;  // the transpose
  detail::bit_rows transposed(pattern.columns, pattern.rows);
  for (int row = 0; row < pattern.rows; ++row)
    for (int i = pattern.begin[row]; i < pattern.begin[row + 1]; ++i) transposed.set(pattern.column[i], row);
  transposed.write(rows_of);
  coloring colors;
  colors.color.resize(pattern.columns, -1);
  sequence<int> forbidden(pattern.columns + 1, -1);
  for (int column = 0; column < pattern.columns; ++column) {
    for (int i = rows_of.begin[column]; i < rows_of.begin[column + 1]; ++i) {
      int const row = rows_of.column[i];
      for (int k = pattern.begin[row]; k < pattern.begin[row + 1]; ++k)
        if (int const known = colors.color[pattern.column[k]]; known >= 0) forbidden[known] = column;
    }
    detail::assign_free(colors, forbidden, column);
  }
  return colors;
}

/// Colours the columns of a symmetric pattern so that each entry or its mirror image is an entry of the compressed matrix: a star
/// colouring, no path of four columns has two colours only (Gebremedhin, Manne, Pothen, What Color Is Your Jacobian?, SIAM Review
/// 47, 2005, section 4). An arrow takes two colours, however long it is. Greedy, in the order of the columns.
constexpr coloring color_symmetric(sparsity const& pattern) {
  coloring colors;
  colors.color.resize(pattern.columns, -1);
  sequence<int> forbidden(pattern.columns + 1, -1), seen(pattern.columns + 1, -1), twice(pattern.columns + 1, -1);
  for (int v = 0; v < pattern.columns; ++v) {
    for (int i = pattern.begin[v]; i < pattern.begin[v + 1]; ++i) {
      int const w = pattern.column[i], known = colors.color[w];
      if (w == v || known < 0) continue;
      forbidden[known] = v;
      if (seen[known] == v) twice[known] = v;
      seen[known] = v;
    }
    for (int i = pattern.begin[v]; i < pattern.begin[v + 1]; ++i) {
      int const w = pattern.column[i], known = colors.color[w];
      if (w == v || known < 0) continue;
      for (int k = pattern.begin[w]; k < pattern.begin[w + 1]; ++k) {
        int const x = pattern.column[k];
        if (x == w || x == v || colors.color[x] < 0) continue;
        // w - v - w - x and v - w - x - w: the colour of x again would leave two colours on a path of four.
        if (twice[known] == v || !detail::is_only_one(pattern, colors, x, w)) forbidden[colors.color[x]] = v;
      }
    }
    detail::assign_free(colors, forbidden, v);
  }
  return colors;
}

/// For each entry of `pattern`, in its order, where it is found in the matrix compressed by `colors` of color_columns or, for a
/// symmetric pattern, of color_symmetric.
constexpr sequence<compressed_place> compressed_places(sparsity const& pattern, coloring const& colors) {
  sequence<compressed_place> places;
  for (int row = 0; row < pattern.rows; ++row)
    for (int i = pattern.begin[row]; i < pattern.begin[row + 1]; ++i) {
      int const column = pattern.column[i];
      bool const here = detail::is_only_one(pattern, colors, row, column);
      places.push_back({here ? row : column, colors.color[here ? column : row]});
    }
  return places;
}

}  // namespace ddx
