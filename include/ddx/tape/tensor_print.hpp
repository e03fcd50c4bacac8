// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors enter; their text leaves, for fmt and streams, as PyTorch prints it.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "tensor.hpp"

namespace ddx {

/// As PyTorch prints, tensor([ 6., 10., 24.]): four decimals, a common width, scientific where values differ by more than 1000 times or are extreme, 80
/// columns, above 1000 elements the first and last three along each axis. Elements other than double, int64 and bool are named.
template <class Element>
std::string to_string(tensor<Element> const& values) {
  return detail::tensor_text(values.shared_handle());
}

template <class Element>
std::ostream& operator<<(std::ostream& to, tensor<Element> const& values) {
  return to << to_string(values);
}

}  // namespace ddx

template <class Element>
struct fmt::formatter<ddx::tensor<Element>> {
  template <class Context>
  constexpr auto parse(Context& context) {
    return context.begin();
  }
  template <class Context>
  auto format(ddx::tensor<Element> const& values, Context& context) const {
    std::string const text = ddx::to_string(values);
    return std::copy(text.begin(), text.end(), context.out());
  }
};
