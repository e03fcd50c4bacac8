// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// An oracle: a graph and numbers enter, its outputs leave, computed node by node with nothing but the primitives' values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ddx/primitive/table.hpp>
#include <functional>
#include <limits>
#include <stdexcept>
#include <vector>

namespace oracle {

/// The elements of a node over the whole index space, which has the extents of all axes; constant along axes it lacks.
using values = std::vector<double>;

/// Called with each result; what it returns goes on in its place.
using touch = std::function<double(ddx::node const&, double)>;

/// The values of all nodes. `extents` are those of the graph's axes; `inputs` are over the whole index space.
inline std::vector<values> all_values(ddx::graph_view g, std::vector<values> const& inputs,
                                      std::vector<int> const& extents = {}, touch const& after = {}) {
  std::size_t points = 1;
  std::vector<std::size_t> stride;
  for (int extent : extents) {
    stride.push_back(points);
    points *= static_cast<std::size_t>(extent);
  }
  std::vector<values> result;
  for (int i = 0; i < g.node_count; ++i) {
    ddx::node const& n = g.nodes[i];
    values here(points);
    auto const operand = [&](int k) -> values const& { return result[static_cast<std::size_t>(n.operands[k])]; };
    for (std::size_t p = 0; p < points; ++p) {
      if (ddx::is<ddx::constant_>(n)) {
        here[p] = n.constant.value();
      } else if (ddx::is<ddx::input_>(n)) {
        here[p] = inputs.at(static_cast<std::size_t>(n.index)).at(p);
      } else if (ddx::is<ddx::extent_>(n)) {
        here[p] = extents.at(static_cast<std::size_t>(n.index));
      } else if (n.op->kind == ddx::role::inside || n.op->kind == ddx::role::shift || n.op->kind == ddx::role::scan) {
        auto const axis = static_cast<std::size_t>(n.index);
        auto const offset = static_cast<std::ptrdiff_t>(n.constant.numerator);
        auto const place = static_cast<std::ptrdiff_t>(p / stride[axis]) % extents.at(axis) + offset;
        bool const within = place >= 0 && place < extents.at(axis);
        auto const neighbour = [&](std::size_t q) {
          return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(q) +
                                          offset * static_cast<std::ptrdiff_t>(stride[axis]));
        };
        if (n.op->kind == ddx::role::inside) {
          here[p] = within;
        } else if (n.op->kind == ddx::role::shift) {
          here[p] = within ? operand(0)[neighbour(p)] : 0;
        } else if (!within) {  // where a scan begins: all elements that go on from here
          here[p] = operand(1)[p];
          for (std::size_t before = p, q = p;; before = q) {
            auto const next = static_cast<std::ptrdiff_t>(q / stride[axis]) % extents.at(axis) - offset;
            if (next < 0 || next >= extents.at(axis)) break;
            q = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(q) -
                                         offset * static_cast<std::ptrdiff_t>(stride[axis]));
            here[q] = operand(0)[q] * here[before] + operand(1)[q];
          }
          continue;
        } else {
          continue;
        }
      } else if (n.op->kind == ddx::role::elementwise) {
        double numbers[ddx::max_arity]{};
        for (int k = 0; k < n.op->arity; ++k) numbers[k] = operand(k)[p];
        here[p] = n.op->value(numbers);
      } else if (n.op->kind == ddx::role::reduction) {
        auto const axis = static_cast<std::size_t>(n.index);
        auto const extent = static_cast<std::size_t>(extents.at(axis));
        std::size_t const first = p - (p / stride[axis] % extent) * stride[axis];
        bool const product = n.op->combine == ddx::reducer::product;
        double total = n.op->combine == ddx::reducer::max ? -std::numeric_limits<double>::infinity() : product ? 1 : 0;
        for (std::size_t k = 0; k < extent; ++k) {
          double const element = operand(0)[first + k * stride[axis]];
          total = n.op->combine == ddx::reducer::max ? std::max(total, element)
                  : product                          ? total * element
                                                     : total + element;
        }
        here[p] = total;
        if (ddx::is<ddx::mean_>(n)) here[p] = total / static_cast<double>(extent);
        if (ddx::is<ddx::logsumexp_>(n) || ddx::is<ddx::norm_>(n)) {
          long double sum = 0;
          for (std::size_t k = 0; k < extent; ++k) {
            long double const element = operand(0)[first + k * stride[axis]];
            sum += ddx::is<ddx::norm_>(n) ? element * element : std::exp(element);
          }
          here[p] = static_cast<double>(ddx::is<ddx::norm_>(n) ? std::sqrt(sum) : std::log(sum));
        }
      } else {
        throw std::logic_error("oracle: unknown kind of node");
      }
      if (after) here[p] = after(n, here[p]);
    }
    result.push_back(std::move(here));
  }
  return result;
}

/// The first element of each node of a graph of scalars.
inline std::vector<double> all_scalars(ddx::graph_view g, std::vector<double> const& inputs, touch const& after = {}) {
  std::vector<values> wide;
  for (double x : inputs) wide.push_back({x});
  std::vector<double> result;
  for (values const& v : all_values(g, wide, {}, after)) result.push_back(v[0]);
  return result;
}

/// The outputs of a graph of scalars.
inline std::vector<double> outputs(ddx::graph_view g, std::vector<double> const& inputs, touch const& after = {}) {
  auto const all = all_scalars(g, inputs, after);
  std::vector<double> result;
  for (int i = 0; i < g.output_count; ++i) result.push_back(all[static_cast<std::size_t>(g.outputs[i])]);
  return result;
}

/// One node of a graph of scalars.
inline double value(ddx::graph const& g, int id, std::vector<double> const& inputs) {
  return all_scalars(g.view(), inputs)[static_cast<std::size_t>(id)];
}

}  // namespace oracle
