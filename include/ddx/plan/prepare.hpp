// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Preparation for loops: a simplified graph enters, an equal one of the operations that loops have leaves.
//
// Means become sums; division by a number, and by what several are divided by, becomes multiplication by its
// reciprocal; numbers are multiplied and added up with one another before anything that has axes. Composites, sums,
// choices and logarithms have files of their own. Results differ from the formula as written by a few units in the last
// place.
#pragma once

#include "../evaluate/straight_line.hpp"
#include "prepare_choices.hpp"
#include "prepare_composites.hpp"
#include "prepare_logarithms.hpp"
#include "prepare_products.hpp"
#include "prepare_sums.hpp"

namespace ddx {

class preparation {
 public:
  static constexpr graph run(graph_view source) {
    graph opened = detail::open_composites(source);
    return preparation(opened.view()).rewrite();
  }

 private:
  constexpr explicit preparation(graph_view source)
      : in_(source),
        to_{graph::like(source)},
        image_(source.node_count, -1),
        uses_(source.node_count, 0),
        divided_by_(source.node_count, 0) {
    for (int i = 0; i < in_.output_count; ++i) ++uses_[in_.outputs[i]];
    for (int i = 0; i < in_.node_count; ++i)
      for (int k = 0; k < in_.nodes[i].op->arity; ++k) ++uses_[in_.nodes[i].operands[k]];
    for (int i = 0; i < in_.node_count; ++i)
      if (is<divide_>(in_.nodes[i])) ++divided_by_[base_of(in_.nodes[i].operands[1])];
  }

  constexpr graph rewrite() {
    for (int i = 0; i < in_.node_count; ++i) {
      node n = in_.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image_[n.operands[k]];
      image_[i] = rewrite(n, in_.nodes[i].operands, uses_[i]);
    }
    for (int i = 0; i < in_.output_count; ++i) to_.out.outputs.push_back(computed(image_[in_.outputs[i]]));
    return simplifier::compacted(to_.out.view());
  }

  /// An output is not a shift alone: what updates a parameter can be kept before the parameter changes.
  constexpr int computed(int id) {
    node const n = to_.out.nodes[id];
    if (n.op->kind != role::shift) return id;
    int const operands[]{detail::inside_node(to_.out, n.index, n.constant.numerator), id, to_.constant(0)};
    return detail::apply_node(to_.out, info<where_>, operands);
  }

  /// `n` has operands in the new graph, `before` are those in the old one; it is used `uses` times.
  constexpr int rewrite(node n, int const* before, int uses) {
    if (n.op->kind == role::elementwise && n.op->arity == 0) return to_.constant(n.op->value(nullptr));
    if (is<sum_>(n)) return sums_.total(n.operands[0], n.index, uses);
    if (is<mean_>(n))
      return to_.scaled(to_.reciprocal(detail::extent_node(to_.out, n.index)),
                        sums_.total(n.operands[0], n.index, uses));
    if (is<divide_>(n) && to_.axes(n.operands[1]) == 0 && to_.axes(n.operands[0]) != 0)
      return to_.scaled(to_.reciprocal(n.operands[1]), n.operands[0]);
    if (is<divide_>(n) && to_.axes(n.operands[1]) != 0 &&
        (to_.axes(n.operands[1]) != n.axes || divided_by_[base_of(before[1])] > 1)) {
      n.op = &info<multiply_>;
      n.operands[1] = inverse(before[1]);
      return to_.numbers_first(n, uses_[before[0]] == 1, true);
    }
    if (is<multiply_>(n) && products_.join(n.operands)) return to_.numbers_first(n, false, false);
    if (is<multiply_>(n) && n.axes != 0) return to_.numbers_first(n, uses_[before[0]] == 1, uses_[before[1]] == 1);
    if (is<negate_>(n) && to_.has_number(n.operands[0])) {
      node const product = to_.out.nodes[n.operands[0]];
      return to_.multiply(to_.apply(info<negate_>, product.operands[0], product.operands[0]), product.operands[1]);
    }
    if (is<add_>(n) || is<subtract_>(n)) return logarithms_.logarithm_last(n);
    if (is<exp_>(n))
      if (int const shared = logarithms_.share_of_exponentials(n); shared >= 0) return shared;
    if (is<where_>(n)) return choices_.guarded(n);
    if (is<prod_>(n) && !(to_.axes(n.operands[0]) >> n.index & 1u))
      return to_.apply(info<pow_>, n.operands[0], detail::extent_node(to_.out, n.index));
    if (n.op->kind == role::shift) return detail::shifted_over(to_.out, n);
    return to_.out.intern(n);
  }

  // ---- quotients

  /// What division by a node is division by: of 2*x^2 it is x.
  constexpr int base_of(int id) const {
    node const& n = in_.nodes[id];
    if (is<multiply_>(n))
      for (int k = 0; k < 2; ++k)
        if (in_.nodes[n.operands[k]].axes == 0) return base_of(n.operands[1 - k]);
    return detail::unrolled_exponent(in_, id) > 0 ? n.operands[0] : id;
  }

  /// 1/a for a node of the old graph, by that of its base.
  constexpr int inverse(int id) {
    node const& n = in_.nodes[id];
    if (is<multiply_>(n) && n.axes != 0)
      for (int k = 0; k < 2; ++k)
        if (in_.nodes[n.operands[k]].axes == 0)
          return to_.scaled(to_.reciprocal(image_[n.operands[k]]), inverse(n.operands[1 - k]));
    if (detail::unrolled_exponent(in_, id) > 0)
      return to_.apply(info<pow_>, to_.reciprocal(image_[n.operands[0]]), image_[n.operands[1]]);
    return to_.reciprocal(image_[id]);
  }

  graph_view in_;
  detail::prepared_graph to_;
  detail::sums sums_{to_};
  detail::choices choices_{to_};
  detail::logarithms logarithms_{to_};
  detail::products_of_others products_{to_};
  // of every node of the old graph: its node in the new one, how often it is used, how many divide by it, its powers
  // and multiples
  sequence<int> image_, uses_, divided_by_;
};

}  // namespace ddx
