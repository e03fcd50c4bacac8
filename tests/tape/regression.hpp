// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A program on tensors with data of its own, its graph, and what its tests compare.
#pragma once

#include <catch2/catch.hpp>
#include <ddx/tape.hpp>
#include <ddx/transform/differentiate.hpp>

namespace {

using ddx::tensor;

tensor<double> loss_of(tensor<double> const& rows, tensor<double> const& weights, tensor<double> const& labels,
                       tensor<double> const& bias) {
  auto const z = (rows / 4).mv(weights) + bias;
  auto const smooth = softplus(z), hits = labels * z;  // compilers evaluate operands in orders of their own
  auto const misfit = (smooth - hits).mean(), size = (weights * weights).sum() * 0.25;
  return misfit + size;
}

struct regression {
  tensor<double> rows = ddx::randn({20, 3}, 1), labels = (ddx::randn({20}, 2) > 0).to<double>(),
                 weights = ddx::randn({3}, 3), bias = tensor(0.25);
};

ddx::graph graph_of(regression const& data) {
  ddx::tensor_tape tape;
  tape.input(data.rows, "X", {"n", "d"});
  tape.input(data.weights, "w", {"d"});
  tape.input(data.bias, "b");
  tape.input(data.labels, "y", {"n"});
  return tape.graph(loss_of(data.rows, data.weights, data.labels, data.bias));
}

/// The gradients of the first output by inputs, as a graph; each with the axes of its input.
ddx::graph gradients_of(ddx::graph g, std::initializer_list<char const*> names) {
  ddx::sequence<int> by;
  for (auto const* name : names) by.push_back(ddx::detail::input_node(g, g.find_input(name)));
  auto const gradients = ddx::differentiator(g).gradient(g.outputs[0], by);
  g.outputs = {};
  for (int i = 0; i < by.size(); ++i)
    g.outputs.push_back((ddx::traced(g, gradients[i]) + 0 * ddx::traced(g, by[i])).node_in(g));
  return g;
}

void check_near(tensor<double> const& found, tensor<double> const& expected, double margin = 1e-14) {
  REQUIRE(found.shape() == expected.shape());
  auto const a = found.to_vector(), e = expected.to_vector();
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(e[i]).epsilon(1e-12).margin(margin));
}

}  // namespace
