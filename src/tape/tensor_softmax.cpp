// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors and an axis enter; the shares of the exponentials along it, or the place of the largest element, leave.
#include "tensor_trace.hpp"

namespace ddx::detail {
namespace {

template <class Record>
handle applied(handle const& operand) {
  term const operands[]{operand};
  return apply_operation(operation_of<Record>(), operands);
}

/// y * (g - sum(g * y)).
void softmax_backward(operation& self, handle const& adjoint, handle* into) {
  int const axis[]{static_cast<int>(self.details->numbers[0])};
  handle const y = saved(self, max_arity);
  handle const inner = tensor_reduce(reduction::sum, chained(adjoint, {y}), axis, true);
  into[0] = chained(minus(adjoint, inner), {y});
}
void log_softmax_backward(operation& self, handle const& adjoint, handle* into) {
  int const axis[]{static_cast<int>(self.details->numbers[0])};
  handle const total = tensor_reduce(reduction::sum, adjoint, axis, true);
  into[0] = minus(adjoint, chained(total, {applied<exp_>(saved(self, max_arity))}));
}
constexpr operation_kind softmax_kind{"Softmax", "Backward0", &softmax_backward};
constexpr operation_kind log_softmax_kind{"LogSoftmax", "Backward0", &log_softmax_backward};

/// The place of the largest in each row of the last axis, or of the first NaN.
template <class Element>
void find_largest(cell& rows, bool smallest, cell& places) {
  index const length = rows.sizes[rows.sizes.rank() - 1];
  Element const* from = data<Element>(rows);
  for (index i = 0; i < places.count; ++i, from += length) {
    index best = 0;
    for (index k = 1; k < length && !(from[best] != from[best]); ++k)
      if (from[k] != from[k] || (smallest ? from[k] < from[best] : from[k] > from[best])) best = k;
    data<std::int64_t>(places)[i] = best;
  }
}

}  // namespace

handle tensor_softmax(handle const& given, int axis, bool logarithm, std::source_location const& where) {
  site_scope const here(on_thread(), where);
  handle const h = is_floating(given->kind) ? given : tensor_convert(given, element_kind::float64);
  axis = axis_of(h, axis, logarithm ? "log_softmax" : "softmax");
  handle result;
  {
    recording_set const off(false);
    int const axes[]{axis};
    std::span<int const> const along(axes, h->sizes.rank() > 0 ? 1u : 0u);
    // The sum of the exponentials is near 1 however large the elements are; a difference from logsumexp would lose it in rounding.
    handle const shifted = minus(h, tensor_reduce(reduction::max, h, along, true)), powers = applied<exp_>(shifted),
                 sum = tensor_reduce(reduction::sum, powers, along, true);
    result = logarithm ? minus(shifted, applied<log_>(sum)) : over(powers, sum);
    if (tracing()) {  // formulas have logsumexp
      handle const traced = minus(h, tensor_reduce(reduction::logsumexp, h, along, true));
      result->trace = (logarithm ? traced : applied<exp_>(traced))->trace;
    }
  }
  if (recorded(h)) {
    operation& op = record(result, logarithm ? log_softmax_kind : softmax_kind, h);
    op.more().numbers[0] = axis;
    save_result(op, result);
  }
  return result;
}

handle tensor_where_largest(handle const& given, int axis, bool keep, bool smallest) {
  recording_set const off(false);
  handle const h = detached(given);
  int const at = axis_of(h, axis, smallest ? "argmin" : "argmax");
  if (h->sizes.rank() == 0) return tensor_filled(element_kind::int64, {}, 0);
  handle const moved = contiguous(tensor_transpose(h, at, h->sizes.rank() - 1));
  index const length = h->sizes[at];
  if (length == 0)
    throw error("argmax: axis " + std::to_string(axis) + " of a tensor of shape " + to_string(h->sizes) +
                " has no elements");
  shape sizes = moved->sizes;
  sizes[h->sizes.rank() - 1] = 1;
  handle const result = make_cell(element_kind::int64, sizes);
  switch (moved->kind) {
    case element_kind::boolean: find_largest<bool>(*moved, smallest, *result); break;
    case element_kind::int64: find_largest<std::int64_t>(*moved, smallest, *result); break;
    case element_kind::float32: find_largest<float>(*moved, smallest, *result); break;
    default: find_largest<double>(*moved, smallest, *result);
  }
  handle const back = tensor_transpose(result, at, h->sizes.rank() - 1);
  handle const places = contiguous(keep ? back : tensor_squeeze(back, at));
  if (tracing()) trace_unknown(places, "place of an element", {&given, 1});
  return places;
}

}  // namespace ddx::detail
