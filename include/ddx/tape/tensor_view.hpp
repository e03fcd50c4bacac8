// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tensor enters; views that share its elements leave.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>

#include "tensor_functions.hpp"

namespace ddx {

/// The part of a tensor that makes views: they share the elements, and changes in place are seen through them.
template <class Tensor>
class viewed {
 public:
  Tensor operator[](std::ptrdiff_t at) const { return select(0, at); }
  Tensor select(int axis, std::ptrdiff_t at) const { return Tensor(detail::tensor_select(all(), axis, at)); }
  Tensor narrow(int axis, std::ptrdiff_t start, std::ptrdiff_t length) const {
    return Tensor(detail::tensor_narrow(all(), axis, start, length));
  }
  /// Elements start, start + step, … before end along an axis; negative bounds count from its end, larger ones stop there.
  Tensor slice(int axis, std::ptrdiff_t start, std::ptrdiff_t end, std::ptrdiff_t step = 1) const {
    if (step < 1) throw error("slice: the step must be positive, it is " + std::to_string(step));
    std::ptrdiff_t const extent = detail::tensor_extent(all(), axis, "slice");
    auto const bound = [extent](std::ptrdiff_t at) {
      return std::clamp(at < 0 ? at + extent : at, std::ptrdiff_t(0), extent);
    };
    std::ptrdiff_t const first = bound(start), last = std::max(first, bound(end));
    return Tensor(detail::tensor_narrow(all(), axis, first, first < last ? 1 + (last - first - 1) / step : 0, step));
  }
  /// The elements in order under another shape; one extent may be -1. Copies where the elements are not contiguous.
  Tensor reshape(shape const& sizes) const { return Tensor(detail::tensor_reshape(all(), sizes)); }
  Tensor view(shape const& sizes) const {
    if (!detail::tensor_is_contiguous(all()))
      throw error("view: the elements of this tensor of shape " + to_string(of_shape()) +
                  " are not contiguous; write reshape");
    return Tensor(detail::tensor_reshape(all(), sizes, "view"));
  }
  Tensor flatten() const { return reshape({-1}); }
  Tensor transpose(int first, int second) const { return Tensor(detail::tensor_transpose(all(), first, second)); }
  Tensor t() const { return Tensor(detail::tensor_t(all())); }
  Tensor permute(std::initializer_list<int> axes) const {
    return Tensor(detail::tensor_permute(all(), std::span(axes.begin(), axes.size())));
  }
  Tensor unsqueeze(int axis) const { return Tensor(detail::tensor_unsqueeze(all(), axis)); }
  Tensor squeeze() const { return Tensor(detail::tensor_squeeze_all(all())); }
  Tensor squeeze(int axis) const { return Tensor(detail::tensor_squeeze(all(), axis)); }
  Tensor expand(shape const& sizes) const { return Tensor(detail::tensor_expand(all(), sizes)); }
  Tensor detach() const { return Tensor(detail::tensor_detach(all())); }

 private:
  detail::handle const& all() const { return static_cast<Tensor const&>(*this).shared_handle(); }
  shape const& of_shape() const { return detail::tensor_shape(all()); }
};

}  // namespace ddx
