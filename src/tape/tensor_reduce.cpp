// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors and axes enter; sums, means, largest elements and their like over those axes leave, by the rules of the reductions' records.
#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor_expression.hpp"
#include "tensor_trace.hpp"

namespace ddx::detail {
namespace {

// ---- values

/// A tensor as outer x length x inner elements, of which the middle is reduced.
struct extents {
  index outer = 1, length = 1, inner = 1;
};

template <class Accumulated>
struct adding {
  static constexpr Accumulated start = 0;
  static Accumulated combine(Accumulated a, Accumulated b) { return a + b; }
};
template <class Accumulated>
struct multiplying {
  static constexpr Accumulated start = 1;
  static Accumulated combine(Accumulated a, Accumulated b) { return a * b; }
};
template <class Accumulated>
struct greatest {
  static constexpr Accumulated start = std::is_floating_point_v<Accumulated>
                                           ? -std::numeric_limits<Accumulated>::infinity()
                                           : std::numeric_limits<Accumulated>::lowest();
  static Accumulated combine(Accumulated a, Accumulated b) { return b > a || b != b ? b : a; }
};
template <class Accumulated>
struct least {
  static constexpr Accumulated start = std::is_floating_point_v<Accumulated>
                                           ? std::numeric_limits<Accumulated>::infinity()
                                           : std::numeric_limits<Accumulated>::max();
  static Accumulated combine(Accumulated a, Accumulated b) { return b < a || b != b ? b : a; }
};

/// Consecutive elements to one: by eight chains, which the compiler makes vectors of, since one chain waits for each addition.
template <class Combining, class Accumulated, class Element>
Accumulated run_of(Element const* from, index count) {
  constexpr int chains = 16;
  if (count < chains) {
    Accumulated result = Combining::start;
    for (index i = 0; i < count; ++i) result = Combining::combine(result, static_cast<Accumulated>(from[i]));
    return result;
  }
  Accumulated partial[chains];
  std::fill_n(partial, chains, Combining::start);
  index i = 0;
  for (; i + chains <= count; i += chains)
    for (int k = 0; k < chains; ++k) partial[k] = Combining::combine(partial[k], static_cast<Accumulated>(from[i + k]));
  for (; i < count; ++i) partial[0] = Combining::combine(partial[0], static_cast<Accumulated>(from[i]));
  for (int width = chains / 2; width > 0; width /= 2)
    for (int k = 0; k < width; ++k) partial[k] = Combining::combine(partial[k], partial[k + width]);
  return partial[0];
}

template <class Combining, class Element, class Accumulated>
void reduce_elements(cell& c, extents const& e, Accumulated* into) {
  std::fill_n(into, e.outer * e.inner, Combining::start);
  if (c.count == 0) return;
  for_blocks(c, [&](std::byte const* bytes_of_block, index start, index count) {
    auto const* from = reinterpret_cast<Element const*>(bytes_of_block);
    while (count > 0) {
      if (e.inner == 1) {
        index const run = std::min(count, e.length - start % e.length);
        Accumulated& to = into[start / e.length];
        to = Combining::combine(to, run_of<Combining, Accumulated>(from, run));
        from += run, start += run, count -= run;
      } else {
        index const column = start % e.inner, run = std::min(count, e.inner - column);
        Accumulated* const to = into + start / (e.length * e.inner) * e.inner + column;
        for (index i = 0; i < run; ++i) to[i] = Combining::combine(to[i], static_cast<Accumulated>(from[i]));
        from += run, start += run, count -= run;
      }
    }
  });
}

/// `axes` as a bit each; all where none is named.
unsigned bits_of(handle const& h, std::span<int const> axes, char const* name) {
  if (axes.empty()) return (1u << h->sizes.rank()) - 1;
  unsigned result = 0;
  for (int axis : axes) {
    if (h->sizes.rank() == 0 && (axis == 0 || axis == -1)) continue;
    unsigned const bit = 1u << axis_of(h, axis, name);
    if (result & bit) throw error(std::string(name) + ": axis " + std::to_string(axis) + " is named twice");
    result |= bit;
  }
  return result;
}

shape without(shape const& sizes, unsigned bits, bool keep) {
  shape result;
  for (int axis = 0; axis < sizes.rank(); ++axis) {
    if ((bits >> axis & 1u) == 0) result.push_back(sizes[axis]);
    else if (keep) result.push_back(1);
  }
  return result;
}

/// The tensor with its reduced axes side by side, where they are not: last.
handle gathered_axes(handle const& h, unsigned bits, extents& e) {
  int const rank = h->sizes.rank();
  if (bits + 1 == 1u << rank) {
    e.length = h->count;
    return h->pending ? h : contiguous(h);
  }
  int first = rank, last = -1;
  for (int axis = 0; axis < rank; ++axis)
    if ((bits >> axis & 1u) && h->sizes[axis] != 1) first = std::min(first, axis), last = axis;
  bool together = true;
  for (int axis = first; axis <= last; ++axis) together = together && ((bits >> axis & 1u) || h->sizes[axis] == 1);
  handle result = h;
  if (!together) {
    std::vector<int> order;
    for (int axis = 0; axis < rank; ++axis)
      if ((bits >> axis & 1u) == 0) order.push_back(axis);
    first = static_cast<int>(order.size());
    last = rank - 1;
    for (int axis = 0; axis < rank; ++axis)
      if (bits >> axis & 1u) order.push_back(axis);
    result = tensor_permute(h, order);
  }
  for (int axis = 0; axis < rank; ++axis)
    (axis < first ? e.outer : axis <= last ? e.length : e.inner) *= result->sizes[axis];
  return result->pending ? result : contiguous(result);
}

/// Numbers on the way to a result, on the stack where they are few.
template <class Number>
class partial_results {
 public:
  explicit partial_results(index count) {
    if (count > few) many_.resize(static_cast<std::size_t>(count));
  }
  Number* data() { return many_.empty() ? own_ : many_.data(); }

 private:
  static constexpr index few = 64;
  Number own_[few];
  std::vector<Number> many_;
};

/// The result has shape `sizes`, with or without the axes reduced.
template <template <class> class Combining>
handle reduced(thread_state& thread, handle const& h, unsigned bits, shape const& sizes, bool whole_result,
               double scale = 1) {
  recording_set const off(thread, false);
  extents e;
  handle const source = gathered_axes(h, bits, e);
  index const results = e.outer * e.inner;
  element_kind const kind = is_floating(h->kind) ? h->kind : whole_result ? element_kind::int64 : element_kind::float64;
  handle result = make_cell(thread, kind, sizes, results);
  if (h->kind == element_kind::float64) {
    double* const to = data<double>(*result);
    reduce_elements<Combining<double>, double>(*source, e, to);
    if (scale != 1)
      for (index i = 0; i < results; ++i) to[i] /= scale;
  } else if (h->kind == element_kind::float32) {  // in double: a float cannot count beyond 2^24
    partial_results<double> sums(results);
    reduce_elements<Combining<double>, float>(*source, e, sums.data());
    for (index i = 0; i < results; ++i) data<float>(*result)[i] = static_cast<float>(sums.data()[i] / scale);
  } else {
    partial_results<std::int64_t> sums(results);
    if (h->kind == element_kind::int64) reduce_elements<Combining<std::int64_t>, std::int64_t>(*source, e, sums.data());
    else reduce_elements<Combining<std::int64_t>, bool>(*source, e, sums.data());
    for (index i = 0; i < results; ++i) {
      if (whole_result) data<std::int64_t>(*result)[i] = sums.data()[i];
      else data<double>(*result)[i] = static_cast<double>(sums.data()[i]) / scale;
    }
  }
  return result;
}

// ---- rules

/// What PyTorch has as amin, in the form of the other reductions' records.
struct min_over_ {
  static constexpr rules partials{
      [](auto a, auto y, auto along) { return where(a == y, 1, 0) / along.sum(where(a == y, 1, 0)); }};
};

struct reading_along {
  static constexpr factor<reads> size() { return {0u}; }
  static constexpr factor<reads> sum(factor<reads> const& a) { return a; }
  static constexpr factor<reads> max(factor<reads> const& a) { return a; }
};

/// The axes of a set of bits.
struct axis_list {
  explicit axis_list(unsigned bits) {
    for (int axis = 0; axis < shape::rank_limit; ++axis)
      if (bits >> axis & 1u) axes[count++] = axis;
  }
  operator std::span<int const>() const { return {axes, count}; }
  int const* begin() const { return axes; }
  int const* end() const { return axes + count; }
  int axes[shape::rank_limit]{};
  std::size_t count = 0;
};

struct along_axes {
  shape const& whole;
  axis_list axes;
  factor<terms> size() const {
    double result = 1;
    for (int axis : axes) result *= static_cast<double>(whole[axis]);
    return {result};
  }
  factor<terms> sum(factor<terms> const& a) const { return {tensor_reduce(reduction::sum, full(a), axes, true)}; }
  factor<terms> max(factor<terms> const& a) const { return {tensor_reduce(reduction::max, full(a), axes, true)}; }

 private:
  static handle full(factor<terms> const& a) { return a.value.tensor; }
};

/// A reduction's adjoint at each element reduced.
handle widened(handle const& adjoint, unsigned bits, shape const& whole) {
  if (adjoint->count != 1 || recorded(adjoint))
    return tensor_expand(tensor_reshape(adjoint, without(whole, bits, true)), whole);
  need(adjoint);
  handle wide(new_cell(on_thread(), adjoint->kind, whole, whole.count()));
  wide->elements = adjoint->elements;
  wide->offset = adjoint->offset;
  wide->view = true;
  wide->contiguous = wide->count <= 1;
  for (int axis = 0; axis < whole.rank(); ++axis) wide->strides[axis] = 0;
  return wide;
}

template <class Record>
constexpr rule_facts facts_of_reduction() {
  auto const result = rule_at<Record, 0>{}(factor<reads>{1u}, factor<reads>{2u}, reading_along{});
  if constexpr (Arithmetic<std::remove_cvref_t<decltype(result)>>) return {true, static_cast<double>(result), 0};
  else return {false, 0, result.value};
}

/// shapes: the operand's; numbers: the axes as bits.
template <class Record>
void reduction_backward(operation& self, handle const& adjoint, handle* into) {
  constexpr rule_facts rule = facts_of_reduction<Record>();
  auto const& details = *self.details;
  auto const bits = static_cast<unsigned>(details.numbers[0]);
  handle wide = widened(adjoint, bits, details.shapes[0]);
  if constexpr (rule.constant) {
    into[0] = rule.number == 1 ? std::move(wide) : times(wide, rule.number);
  } else {
    factor<terms> a{}, y{};
    if constexpr ((rule.needs & 1u) != 0) a.value = saved(self, 0);
    if constexpr ((rule.needs & 2u) != 0)
      y.value = tensor_reshape(saved(self, max_arity), without(details.shapes[0], bits, true));
    auto const by = rule_at<Record, 0>{}(a, y, along_axes{details.shapes[0], axis_list(bits)});
    into[0] = chained(wide, {by.value, by.zero});
  }
}

template <class Record>
void record_reduction(thread_state& thread, handle const& result, handle const& h, unsigned bits,
                      operation_kind const& kind) {
  constexpr rule_facts rule = facts_of_reduction<Record>();
  operation& op = record(thread, result, kind, h);
  op.details.reset(found_or_new(thread, thread.details));
  auto& details = *op.details;
  details.shapes[0] = h->sizes;
  details.numbers[0] = bits;
  if constexpr ((rule.needs & 1u) != 0) save(op, 0, h);
  if constexpr ((rule.needs & 2u) != 0) save_result(op, result);
}

template <class Record>
constexpr operation_kind kind_named(std::string_view name, char const* suffix) {
  return {name, suffix, &reduction_backward<Record>};
}

/// The products of all elements but one, in a binary tree, so that zeros do no harm.
handle others_product(handle const& h) {
  index const length = h->sizes[h->sizes.rank() - 1];
  int const last = h->sizes.rank() - 1;
  if (length == 1) return tensor_filled(h->kind, h->sizes, 1);
  index const half = length / 2;
  handle const low = tensor_narrow(h, last, 0, half), high = tensor_narrow(h, last, half, half);
  handle const inner = others_product(times(low, high));
  handle const parts[]{times(inner, high), times(inner, low)};
  handle const both = tensor_concatenate(parts, last);
  if (length % 2 == 0) return both;
  handle const odd = tensor_narrow(h, last, length - 1, 1);
  // The product of the even part is any of its elements by the product of the others.
  handle const rest = times(tensor_narrow(both, last, 0, 1), tensor_narrow(h, last, 0, 1));
  handle const all[]{times(both, odd), rest};
  return tensor_concatenate(all, last);
}

void prod_backward(operation& self, handle const& adjoint, handle* into) {
  auto const& details = *self.details;
  handle const a = saved(self, 0);
  int const rank = a->sizes.rank();
  std::vector<int> order, back(static_cast<unsigned>(rank));
  auto const bits = static_cast<unsigned>(details.numbers[0]);
  for (int axis = 0; axis < rank; ++axis)
    if ((bits >> axis & 1u) == 0) order.push_back(axis);
  shape flat;
  for (int axis : order) flat.push_back(a->sizes[axis]);
  flat.push_back(-1);
  for (int axis : axis_list(bits)) order.push_back(axis);
  for (int k = 0; k < rank; ++k) back[static_cast<unsigned>(order[static_cast<unsigned>(k)])] = k;
  if (a->count == 0) {
    into[0] = tensor_filled(a->kind, a->sizes, 0);
    return;
  }
  handle const moved = tensor_permute(a, order);
  handle const others = tensor_reshape(others_product(tensor_reshape(moved, flat)), moved->sizes);
  into[0] = chained(widened(adjoint, bits, details.shapes[0]), {tensor_permute(others, back)});
}

/// A reduction whose record says how it is computed of others.
template <class Record>
handle composed(handle const& h, unsigned bits) {
  recording_set const off(false);
  factor<terms> const result = Record::lowered(factor<terms>{h}, along_axes{h->sizes, axis_list(bits)});
  return tensor_convert(result.value.tensor, h->kind);
}

constexpr operation_kind sum_kind[]{kind_named<sum_>("Sum", "Backward0"), kind_named<sum_>("Sum", "Backward1")};
constexpr operation_kind mean_kind[]{kind_named<mean_>("Mean", "Backward0"), kind_named<mean_>("Mean", "Backward1")};
constexpr operation_kind max_kind[]{kind_named<max_over_>("Max", "Backward1"),
                                    kind_named<max_over_>("Amax", "Backward0")};
constexpr operation_kind min_kind[]{kind_named<min_over_>("Min", "Backward1"),
                                    kind_named<min_over_>("Amin", "Backward0")};
constexpr operation_kind prod_kind[]{{"Prod", "Backward0", &prod_backward}, {"Prod", "Backward1", &prod_backward}};
constexpr operation_kind logsumexp_kind = kind_named<logsumexp_>("Logsumexp", "Backward0");
constexpr operation_kind norm_kind = kind_named<norm_>("LinalgVectorNorm", "Backward0");

/// A fresh value under another shape of as many elements.
handle reshaped_value(handle const& value, shape const& sizes) {
  need(value);
  value->sizes = sizes;
  return value;
}

constexpr char const* names[]{"sum", "mean", "max", "min", "prod", "logsumexp", "norm"};

}  // namespace

handle tensor_reduce(reduction kind, handle const& given, std::span<int const> axes, bool keep,
                     std::source_location const& where) {
  thread_state& thread = on_thread();
  site_scope const here(thread, where);
  char const* const name = names[static_cast<int>(kind)];
  bool const of_numbers = kind == reduction::logsumexp || kind == reduction::norm;
  handle const h = of_numbers && !is_floating(given->kind) ? tensor_convert(given, element_kind::float64) : given;
  unsigned const bits = bits_of(h, axes, name);
  bool const all = bits + 1 == 1u << h->sizes.rank();
  shape const sizes = all && !keep ? shape() : without(h->sizes, bits, keep);
  double elements = 1;
  for (int axis : axis_list(bits)) elements *= static_cast<double>(h->sizes[axis]);
  handle value;
  switch (kind) {
    case reduction::sum: value = reduced<adding>(thread, h, bits, sizes, true); break;
    case reduction::mean: value = reduced<adding>(thread, h, bits, sizes, false, elements); break;
    case reduction::max: value = reduced<greatest>(thread, h, bits, sizes, true); break;
    case reduction::min: value = reduced<least>(thread, h, bits, sizes, true); break;
    case reduction::prod: value = reduced<multiplying>(thread, h, bits, sizes, true); break;
    case reduction::logsumexp: value = reshaped_value(composed<logsumexp_>(h, bits), sizes); break;
    case reduction::norm: value = reshaped_value(composed<norm_>(h, bits), sizes); break;
  }
  if (h->kind == element_kind::boolean && (kind == reduction::max || kind == reduction::min))
    value = tensor_convert(value, element_kind::boolean);
  handle const result = std::move(value);
  if (h->requires_grad && thread.recording) {
    int const which = axes.empty() ? 0 : 1;
    switch (kind) {
      case reduction::sum: record_reduction<sum_>(thread, result, h, bits, sum_kind[which]); break;
      case reduction::mean: record_reduction<mean_>(thread, result, h, bits, mean_kind[which]); break;
      case reduction::max: record_reduction<max_over_>(thread, result, h, bits, max_kind[which]); break;
      case reduction::min: record_reduction<min_over_>(thread, result, h, bits, min_kind[which]); break;
      case reduction::prod:
        record_reduction<sum_>(thread, result, h, bits, prod_kind[which]);
        save(*result->history, 0, h);
        break;
      case reduction::logsumexp: record_reduction<logsumexp_>(thread, result, h, bits, logsumexp_kind); break;
      case reduction::norm: record_reduction<norm_>(thread, result, h, bits, norm_kind); break;
    }
  }
  if (thread.trace_tag != 0) trace_reduction(result, kind, h, bits, keep);
  if (thread.finding_anomalies > 0) {
    term const operands[]{h};
    look_at(result, name, operands, 1);
  }
  return result;
}

}  // namespace ddx::detail
