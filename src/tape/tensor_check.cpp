// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function of tensors enters; the comparison of its gradients with central differences leaves.
#include <cmath>

#include <fmt/core.h>

#include <ddx/tape/tensor_check.hpp>

#include "tensor_cell.hpp"

namespace ddx::detail {
namespace {

/// A leaf of the same elements.
handle leaf(handle const& h) {
  handle const result = copied(h);
  result->requires_grad = h->requires_grad;
  return result;
}

std::vector<double> numbers_of(handle const& h) {
  handle const values = contiguous(tensor_convert(detached(h), element_kind::float64));
  return std::vector<double>(data<double>(*values), data<double>(*values) + values->count);
}

void add_to(handle const& h, index at, double by) {
  if (h->kind == element_kind::float32) data<float>(*h)[at] += static_cast<float>(by);
  else data<double>(*h)[at] += by;
}

double element(handle const& h, index at) {
  return h->kind == element_kind::float32 ? data<float>(*h)[at] : data<double>(*h)[at];
}

/// The derivatives of all elements of the output by one element of an input.
std::vector<double> differences(tensor_function const& f, std::span<handle const> inputs, std::size_t which, index at,
                                double relative_step) {
  double const step = relative_step * std::max(1., std::abs(element(inputs[which], at)));
  auto const shifted = [&](double by) {
    std::vector<handle> moved;
    for (handle const& input : inputs) moved.push_back(leaf(input));
    add_to(moved[which], at, by);
    return numbers_of(f(moved));
  };
  auto const far_up = shifted(2 * step), up = shifted(step), down = shifted(-step), far_down = shifted(-2 * step);
  std::vector<double> result(up.size());
  for (std::size_t j = 0; j < up.size(); ++j)
    result[j] = (8 * (up[j] - down[j]) - (far_up[j] - far_down[j])) / (12 * step);
  return result;
}

}  // namespace

gradcheck_report check_gradients(tensor_function const& f, std::span<handle const> inputs,
                                 gradcheck_options const& options) {
  recording_set const on(true);
  gradcheck_report report;
  std::vector<handle> leaves;
  std::vector<std::size_t> which;
  std::vector<handle> by;
  for (handle const& input : inputs) {
    leaves.push_back(leaf(input));
    if (!input->requires_grad) continue;
    which.push_back(leaves.size() - 1);
    by.push_back(leaves.back());
  }
  if (by.empty()) throw error("gradcheck: no input requires gradients; call requires_grad_() of those to check");
  handle const output = f(leaves);
  std::vector<std::vector<std::vector<double>>> rows;  // by output element, input, input element
  for (index j = 0; j < output->count; ++j) {
    handle const seed = tensor_filled(output->kind, {output->count}, 0);
    add_to(seed, j, 1);
    rows.emplace_back();
    for (std::size_t i = 0; i < by.size(); ++i) rows.back().emplace_back(static_cast<unsigned>(by[i]->count));
    if (!output->requires_grad) continue;
    auto const gradients = tensor_gradients(output, by, tensor_reshape(seed, output->sizes), true, false);
    for (std::size_t i = 0; i < by.size(); ++i) rows.back()[i] = numbers_of(gradients[i]);
  }
  for (std::size_t i = 0; i < by.size(); ++i)
    for (index at = 0; at < by[i]->count; ++at) {
      auto const expected = differences(f, leaves, which[i], at, options.step);
      for (std::size_t j = 0; j < expected.size(); ++j) {
        double const found = rows[j][i][static_cast<unsigned>(at)];
        ++report.checked;
        if (std::abs(found - expected[j]) <= options.absolute + options.relative * std::abs(expected[j])) continue;
        if (++report.wrong <= 10)
          report.text += fmt::format("d output[{}] / d input {} [{}] = {:.9g}, by differences {:.9g}\n", j, which[i],
                                     at, found, expected[j]);
      }
    }
  if (report.wrong > 10) report.text += fmt::format("and {} more\n", report.wrong - 10);
  return report;
}

gradcheck_report check_second_gradients(tensor_function const& f, std::span<handle const> inputs,
                                        gradcheck_options const& options) {
  recording_set const on(true);
  // Weights that differ, so that errors of one element are not undone by another's.
  tensor_function const gradients = [&f](std::span<handle const> at) {
    handle const output = f(at);
    handle const weights = tensor_linspace(output->kind, 0.7, 1.9, output->count);
    std::vector<handle> by, flat;
    for (handle const& input : at)
      if (input->requires_grad) by.push_back(input);
    if (!output->requires_grad) return tensor_filled(output->kind, {1}, 0);
    for (handle const& g : tensor_gradients(output, by, tensor_reshape(weights, output->sizes), true, true))
      flat.push_back(tensor_reshape(g, {-1}));
    return tensor_concatenate(flat, 0);
  };
  return check_gradients(gradients, inputs, options);
}

}  // namespace ddx::detail
