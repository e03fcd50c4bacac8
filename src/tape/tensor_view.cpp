// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors enter; views of their elements leave: other shapes, parts, other orders of axes. Adjoints go the way back.
#include <algorithm>

#include "tensor_trace.hpp"

namespace ddx::detail {
namespace {

std::string text_of(handle const& h) { return to_string(h->sizes); }

/// The cell's strides, which contiguous cells need not have written down.
index const* strides_of(handle const& h) {
  need(h);
  if (h->contiguous) set_contiguous_strides(*h);
  return h->strides;
}

/// Zeros of a shape but for a part, which is `h`: what a part's adjoint is to the whole.
handle padded(handle const& h, shape const& sizes, int axis, index start, index step);

void pad_backward(operation& self, handle const& adjoint, handle* into) {
  auto const& [axis, start, step, length] = self.details->numbers;
  into[0] = tensor_narrow(adjoint, static_cast<int>(axis), start, length, step);
}
constexpr operation_kind pad_kind{"Pad", "Backward0", &pad_backward};

handle padded(handle const& h, shape const& sizes, int axis, index start, index step) {
  handle const result = tensor_filled(h->kind, sizes, 0);
  {
    recording_set const off(false);
    tensor_copy(tensor_narrow(result, axis, start, h->sizes[axis], step), detached(h));
  }
  result->elements->version = 0;
  if (recorded(h)) {
    auto& numbers = record(result, pad_kind, h).more().numbers;
    numbers[0] = axis, numbers[1] = start, numbers[2] = step, numbers[3] = h->sizes[axis];
  }
  if (tracing()) trace_unknown(result, "slices", {&h, 1});
  return result;
}

void reshape_backward(operation& self, handle const& adjoint, handle* into) {
  into[0] = tensor_reshape(adjoint, self.details->shapes[0]);
}
constexpr operation_kind view_kind{"View", "Backward0", &reshape_backward};
constexpr operation_kind copied_view_kind{"UnsafeView", "Backward0", &reshape_backward};  // PyTorch's name for it
constexpr operation_kind unsqueeze_kind{"Unsqueeze", "Backward0", &reshape_backward};
constexpr operation_kind squeeze_kind{"Squeeze", "Backward1", &reshape_backward};
constexpr operation_kind squeeze_all_kind{"Squeeze", "Backward0", &reshape_backward};

handle reshaped(handle const& h, shape const& sizes) {
  handle const base = contiguous(h);
  handle const result = make_view(base, sizes, nullptr, base->offset);
  if (recorded(h)) record(result, base.get() == h.get() ? view_kind : copied_view_kind, h).more().shapes[0] = h->sizes;
  if (tracing()) trace_reshape(result, h);
  return result;
}

/// The axes `from` of a tensor, and new ones of one element where it is -1.
handle with_axes(handle const& h, std::vector<int> const& from, operation_kind const& kind) {
  index const* const strides_before = strides_of(h);
  shape sizes;
  index strides[shape::rank_limit]{};
  for (int axis : from) {
    strides[sizes.rank()] = axis < 0 ? 0 : strides_before[axis];
    sizes.push_back(axis < 0 ? 1 : h->sizes[axis]);
  }
  handle const result = make_view(h, sizes, strides, h->offset);
  if (recorded(h)) record(result, kind, h).more().shapes[0] = h->sizes;
  if (tracing()) trace_axes(result, h, from);
  return result;
}

void narrow_backward(operation& self, handle const& adjoint, handle* into) {
  auto const& numbers = self.details->numbers;
  into[0] = padded(adjoint, self.details->shapes[0], static_cast<int>(numbers[0]), numbers[1], numbers[2]);
}
constexpr operation_kind narrow_kind{"Slice", "Backward0", &narrow_backward};

void select_backward(operation& self, handle const& adjoint, handle* into) {
  auto const& numbers = self.details->numbers;
  into[0] = padded(tensor_unsqueeze(adjoint, static_cast<int>(numbers[0])), self.details->shapes[0],
                   static_cast<int>(numbers[0]), numbers[1], 1);
}
constexpr operation_kind select_kind{"Select", "Backward0", &select_backward};

void permute_backward(operation& self, handle const& adjoint, handle* into) {
  auto const& list = self.extras->list;
  std::vector<int> back(list.size());
  for (std::size_t k = 0; k < list.size(); ++k) back[static_cast<unsigned>(list[k])] = static_cast<int>(k);
  into[0] = tensor_permute(adjoint, back);
}
constexpr operation_kind permute_kind{"Permute", "Backward0", &permute_backward};
constexpr operation_kind transpose_kind{"Transpose", "Backward0", &permute_backward};
constexpr operation_kind t_kind{"T", "Backward0", &permute_backward};

handle permuted(handle const& h, std::span<int const> axes, operation_kind const& kind) {
  index const* const from = strides_of(h);
  shape sizes = h->sizes;
  index strides[shape::rank_limit]{};
  for (int axis = 0; axis < sizes.rank(); ++axis) {
    int const source = axes[static_cast<unsigned>(axis)];
    sizes[axis] = h->sizes[source];
    strides[axis] = from[source];
  }
  handle const result = make_view(h, sizes, strides, h->offset);
  if (recorded(h)) record(result, kind, h).rare().list.assign(axes.begin(), axes.end());
  if (tracing()) trace_axes(result, h, axes);
  return result;
}

void expand_backward(operation& self, handle const& adjoint, handle* into) {
  into[0] = sum_to(adjoint, self.details->shapes[0]);
}
constexpr operation_kind expand_kind{"Expand", "Backward0", &expand_backward};

}  // namespace

int axis_of(handle const& h, int axis, char const* name, int more) {
  int const rank = h->sizes.rank() + more;
  int const result = axis < 0 ? axis + rank : axis;
  if (result < 0 || result >= std::max(rank, 1))
    throw error(std::string(name) + ": axis " + std::to_string(axis) + " does not exist in a tensor of shape " +
                text_of(h));
  return result;
}

handle tensor_reshape(handle const& h, shape sizes, char const* name) {
  index known = 1;
  int open = -1;
  for (int axis = 0; axis < sizes.rank(); ++axis) {
    if (sizes[axis] == -1 && open >= 0)
      throw error(std::string(name) + ": the shape " + to_string(sizes) +
                  " has several extents to be found; one may be -1");
    if (sizes[axis] == -1) open = axis;
    else known *= sizes[axis];
  }
  shape const wanted = sizes;
  if (open >= 0) sizes[open] = known != 0 ? h->count / known : 0;
  if (sizes.count() != h->count || known < 0)
    throw error(std::string(name) + ": a tensor of shape " + text_of(h) + " has no shape " + to_string(wanted) +
                ": the number of elements must stay");
  if (sizes == h->sizes) return h;
  return reshaped(h, sizes);
}

handle tensor_narrow(handle const& h, int axis, index start, index length, index step) {
  axis = axis_of(h, axis, "narrow");
  if (h->sizes.rank() == 0) throw error("narrow: a scalar has no axis");
  if (start < 0) start += h->sizes[axis];
  if (length < 0) throw error("narrow: the length must not be negative, it is " + std::to_string(length));
  if (length <= 1) step = 1;  // there is no other element to step to
  index const left = start < 0 ? -1 : h->sizes[axis] - start;
  bool const exist = length == 0 ? left >= 0 : left > 0 && length - 1 <= (left - 1) / step;
  if (start < 0 || !exist)
    throw error("narrow: elements " + std::to_string(start) + " to " +
                std::to_string(static_cast<std::uint64_t>(start) + static_cast<std::uint64_t>(length - 1)) +
                " of axis " + std::to_string(axis) + " do not exist in a tensor of shape " + text_of(h));
  index const* const from = strides_of(h);
  shape sizes = h->sizes;
  index strides[shape::rank_limit]{};
  std::copy_n(from, sizes.rank(), strides);
  sizes[axis] = length;
  strides[axis] *= step;
  handle const result = make_view(h, sizes, strides, h->offset + start * from[axis]);
  if (recorded(h)) {
    auto& details = record(result, narrow_kind, h).more();
    details.shapes[0] = h->sizes;
    details.numbers[0] = axis, details.numbers[1] = start, details.numbers[2] = step;
  }
  if (tracing()) trace_unknown(result, "slices", {&h, 1});
  return result;
}

handle tensor_select(handle const& h, int axis, index at) {
  axis = axis_of(h, axis, "select");
  if (h->sizes.rank() == 0) throw error("select: a scalar has no axis; write item() for its number");
  index const asked = at;
  if (at < 0) at += h->sizes[axis];
  if (at < 0 || at >= h->sizes[axis])
    throw error("select: element " + std::to_string(asked) + " of axis " + std::to_string(axis) +
                " does not exist in a tensor of shape " + text_of(h));
  index const* const from = strides_of(h);
  shape sizes;
  index strides[shape::rank_limit]{};
  for (int k = 0; k < h->sizes.rank(); ++k) {
    if (k == axis) continue;
    strides[sizes.rank()] = from[k];
    sizes.push_back(h->sizes[k]);
  }
  handle const result = make_view(h, sizes, strides, h->offset + at * from[axis]);
  if (recorded(h)) {
    auto& details = record(result, select_kind, h).more();
    details.shapes[0] = h->sizes;
    details.numbers[0] = axis, details.numbers[1] = at;
  }
  if (tracing()) trace_unknown(result, "elements taken by number", {&h, 1});
  return result;
}

handle tensor_permute(handle const& h, std::span<int const> axes) {
  int const rank = h->sizes.rank();
  std::vector<int> order;
  for (int axis : axes) order.push_back(axis_of(h, axis, "permute"));
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool each = static_cast<int>(sorted.size()) == rank;
  for (int axis = 0; each && axis < rank; ++axis) each = sorted[static_cast<unsigned>(axis)] == axis;
  if (!each) throw error("permute: each axis of a tensor of shape " + text_of(h) + " must be named once");
  return permuted(h, order, permute_kind);
}

namespace {

handle exchanged(handle const& h, int first, int second, operation_kind const& kind) {
  int order[shape::rank_limit];
  for (int axis = 0; axis < shape::rank_limit; ++axis) order[axis] = axis;
  std::swap(order[first], order[second]);
  return permuted(h, std::span(order, static_cast<unsigned>(h->sizes.rank())), kind);
}

}  // namespace

handle tensor_transpose(handle const& h, int first, int second) {
  first = axis_of(h, first, "transpose");
  second = axis_of(h, second, "transpose");
  return exchanged(h, first, second, transpose_kind);
}

handle tensor_t(handle const& h) {
  if (h->sizes.rank() > 2) throw error("t: a matrix is required, this tensor has shape " + text_of(h));
  return h->sizes.rank() < 2 ? h : exchanged(h, 0, 1, t_kind);
}

handle tensor_unsqueeze(handle const& h, int axis) {
  axis = axis_of(h, axis, "unsqueeze", 1);
  if (h->sizes.rank() == shape::rank_limit) throw error("unsqueeze: a tensor has at most 8 axes");
  std::vector<int> from;
  for (int k = 0; k < h->sizes.rank(); ++k) from.push_back(k);
  from.insert(from.begin() + axis, -1);
  return with_axes(h, from, unsqueeze_kind);
}

handle tensor_squeeze(handle const& h, int axis) {
  axis = axis_of(h, axis, "squeeze");
  if (h->sizes.rank() == 0 || h->sizes[axis] != 1) return h;
  std::vector<int> from;
  for (int k = 0; k < h->sizes.rank(); ++k)
    if (k != axis) from.push_back(k);
  return with_axes(h, from, squeeze_kind);
}

handle tensor_squeeze_all(handle const& h) {
  std::vector<int> from;
  for (int k = 0; k < h->sizes.rank(); ++k)
    if (h->sizes[k] != 1) from.push_back(k);
  return with_axes(h, from, squeeze_all_kind);
}

handle tensor_expand(handle const& h, shape const& asked, char const* name) {
  shape sizes = asked;
  int const lead = sizes.rank() - h->sizes.rank();
  bool fits = lead >= 0;
  for (int axis = 0; fits && axis < sizes.rank(); ++axis) {
    if (axis < lead) {
      fits = sizes[axis] >= 0;
      continue;
    }
    if (sizes[axis] == -1) sizes[axis] = h->sizes[axis - lead];
    fits = h->sizes[axis - lead] == 1 || h->sizes[axis - lead] == sizes[axis];
  }
  if (!fits)
    throw error(std::string(name) + ": a tensor of shape " + text_of(h) + " does not broadcast to shape " +
                to_string(asked));
  if (sizes == h->sizes) return h;
  index const* const from = strides_of(h);
  index strides[shape::rank_limit]{};
  for (int axis = lead; axis < sizes.rank(); ++axis) strides[axis] = h->sizes[axis - lead] == 1 ? 0 : from[axis - lead];
  handle const result = make_view(h, sizes, strides, h->offset);
  if (recorded(h)) record(result, expand_kind, h).more().shapes[0] = h->sizes;
  if (tracing()) trace_expansion(result, h);
  return result;
}

}  // namespace ddx::detail
