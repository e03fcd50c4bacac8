// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Several tensors enter and one leaves; or one and the numbers of its elements to take. Adjoints go the way back.
#include <algorithm>
#include <array>
#include <cstring>

#include "tensor_trace.hpp"

namespace ddx::detail {
namespace {

/// numbers: the axis; list: where each part begins.
void concatenate_backward(operation& self, handle const& adjoint, handle* into) {
  auto const& begins = self.extras->list;
  int const axis = static_cast<int>(self.details->numbers[0]);
  for (std::size_t part = 0; part + 1 < begins.size(); ++part)
    if (self.edge(static_cast<int>(part)) != nullptr)
      into[part] = tensor_narrow(adjoint, axis, begins[part], begins[part + 1] - begins[part]);
}
constexpr operation_kind concatenate_kind{"Cat", "Backward0", &concatenate_backward},
    stack_kind{"Stack", "Backward0", &concatenate_backward};

/// A tensor as outer x extent x inner elements.
struct layers {
  index outer = 1, extent = 1, inner = 1;
  layers(shape const& sizes, int axis) {
    for (int k = 0; k < sizes.rank(); ++k) (k < axis ? outer : k == axis ? extent : inner) *= sizes[k];
  }
};

template <class Function>
void by_size(element_kind kind, Function const& function) {
  if (size_of(kind) == 8) function(std::uint64_t{});
  else if (size_of(kind) == 4) function(std::uint32_t{});
  else function(std::uint8_t{});
}

/// Whole layers may be counted from behind, elements may not, as with PyTorch's gather.
std::vector<index> positions(handle const& at, index extent, bool whole_layers, char const* name) {
  if (at->kind != element_kind::int64)
    throw error(std::string(name) + ": the numbers of elements must be a tensor of integers");
  handle const numbers = contiguous(at);
  std::vector<index> result(static_cast<unsigned>(at->count));
  for (index i = 0; i < at->count; ++i) {
    index const given = data<std::int64_t>(*numbers)[i], number = whole_layers && given < 0 ? given + extent : given;
    if (number < 0 || number >= extent)
      throw error(std::string(name) + ": element " + std::to_string(given) + " does not exist along an axis of " +
                  std::to_string(extent));
    result[static_cast<unsigned>(i)] = number;
  }
  return result;
}

handle scattered(handle const& h, shape const& sizes, int axis, handle const& at, bool whole_layers);
handle taken(handle const& h, int axis, handle const& at, bool whole_layers, char const* name);

/// numbers: the axis; saved[1]: the positions.
template <bool WholeLayers>
void taken_backward(operation& self, handle const& adjoint, handle* into) {
  into[0] = scattered(adjoint, self.details->shapes[0], static_cast<int>(self.details->numbers[0]), saved(self, 1),
                      WholeLayers);
}
template <bool WholeLayers>
void scattered_backward(operation& self, handle const& adjoint, handle* into) {
  into[0] = taken(adjoint, static_cast<int>(self.details->numbers[0]), saved(self, 1), WholeLayers, "gather");
}
constexpr operation_kind gather_kind{"Gather", "Backward0", &taken_backward<false>},
    index_select_kind{"IndexSelect", "Backward0", &taken_backward<true>},
    scatter_add_kind{"ScatterAdd", "Backward0", &scattered_backward<false>},
    index_add_kind{"IndexAdd", "Backward0", &scattered_backward<true>};

void record_positions(handle const& result, operation_kind const& kind, handle const& h, int axis, handle const& at) {
  if (!recorded(h)) return;
  operation& op = record(result, kind, h);
  op.more().shapes[0] = h->sizes;
  op.more().numbers[0] = axis;
  save(op, 1, at);
}

/// Calls `each(i, j)` where element i of the smaller tensor belongs to element j of the whole.
template <class Each>
void pair_elements(shape const& whole, shape const& part, int axis, std::vector<index> const& at, bool whole_layers,
                   Each const& each) {
  if (part.count() == 0) return;
  if (whole_layers) {
    layers const w(whole, axis);
    index i = 0;
    for (index o = 0; o < w.outer; ++o)
      for (index number : at)
        for (index k = 0; k < w.inner; ++k) each(i++, (o * w.extent + number) * w.inner + k);
    return;
  }
  index steps[shape::rank_limit]{}, where[shape::rank_limit]{};
  index step = 1;
  for (int k = whole.rank() - 1; k >= 0; --k) steps[k] = step, step *= whole[k];
  for (index i = 0; i < part.count(); ++i) {
    index j = 0;
    for (int k = 0; k < part.rank(); ++k) j += (k == axis ? at[static_cast<unsigned>(i)] : where[k]) * steps[k];
    each(i, j);
    for (int k = part.rank() - 1; k >= 0; --k) {
      if (++where[k] < part[k]) break;
      where[k] = 0;
    }
  }
}

handle taken(handle const& h, int axis, handle const& at, bool whole_layers, char const* name) {
  shape sizes = whole_layers ? h->sizes : at->sizes;
  if (whole_layers) sizes[axis] = at->count;
  auto const numbers = positions(at, h->sizes[axis], whole_layers, name);
  handle const from = contiguous(h), result = make_cell(h->kind, sizes);
  by_size(h->kind, [&]<class Bits>(Bits) {
    pair_elements(h->sizes, sizes, axis, numbers, whole_layers,
                  [&](index i, index j) { data<Bits>(*result)[i] = data<Bits>(*from)[j]; });
  });
  record_positions(result, whole_layers ? index_select_kind : gather_kind, h, axis, at);
  if (tracing()) trace_unknown(result, "elements taken by number", std::array{h, at});
  return result;
}

handle scattered(handle const& h, shape const& sizes, int axis, handle const& at, bool whole_layers) {
  auto const numbers = positions(at, sizes[axis], whole_layers, "gather");
  handle const from = contiguous(h), result = tensor_filled(h->kind, sizes, 0);
  auto const add = [&]<class Element>(Element) {
    pair_elements(sizes, h->sizes, axis, numbers, whole_layers,
                  [&](index i, index j) { data<Element>(*result)[j] += data<Element>(*from)[i]; });
  };
  if (h->kind == element_kind::float32) add(float{});
  else add(double{});
  record_positions(result, whole_layers ? index_add_kind : scatter_add_kind, h, axis, at);
  if (tracing()) trace_unknown(result, "elements put by number", std::array{h, at});
  return result;
}

}  // namespace

handle tensor_concatenate(std::span<handle const> given, int axis) {
  if (given.empty()) throw error("concatenate: at least one tensor is required");
  axis = axis_of(given[0], axis, "concatenate");
  if (given[0]->sizes.rank() == 0)
    throw error("concatenate: scalars have no axis to be put together along; write stack");
  element_kind kind = element_kind::boolean;
  for (handle const& part : given) kind = std::max(kind, part->kind);
  std::vector<handle> parts;
  std::vector<index> begins{0};
  bool wanted = false;
  for (handle const& part : given) {
    bool fits = part->sizes.rank() == given[0]->sizes.rank();
    for (int k = 0; fits && k < part->sizes.rank(); ++k) fits = k == axis || part->sizes[k] == given[0]->sizes[k];
    if (!fits)
      throw error("concatenate: the shapes " + to_string(given[0]->sizes) + " and " + to_string(part->sizes) +
                  " differ in another axis than axis " + std::to_string(axis));
    parts.push_back(tensor_convert(part, kind));
    begins.push_back(begins.back() + part->sizes[axis]);
    wanted = wanted || parts.back()->requires_grad;
  }
  shape sizes = given[0]->sizes;
  sizes[axis] = begins.back();
  handle const result = make_cell(kind, sizes);
  layers const whole(sizes, axis);
  std::size_t const layer = static_cast<std::size_t>(whole.inner) * size_of(kind);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    handle const from = contiguous(parts[p]);
    std::size_t const run = static_cast<std::size_t>(begins[p + 1] - begins[p]) * layer;
    if (run == 0) continue;
    for (index o = 0; o < whole.outer; ++o)
      std::memcpy(bytes(*result) + (static_cast<std::size_t>(o * whole.extent + begins[p])) * layer,
                  bytes(*from) + static_cast<std::size_t>(o) * run, run);
  }
  if (on_thread().recording && wanted) {
    operation& op = record(result, concatenate_kind, {});
    for (std::size_t p = 0; p < parts.size(); ++p) {
      if (p < max_arity) op.edges[p] = edge_to(parts[p]);
      else op.rare().more_edges.push_back(edge_to(parts[p]));
    }
    op.more().numbers[0] = axis;
    op.rare().list = begins;
  }
  if (tracing()) trace_unknown(result, "concatenation", parts);
  return result;
}

handle tensor_stack(std::span<handle const> parts, int axis) {
  std::vector<handle> layers_of;
  if (parts.empty()) throw error("stack: at least one tensor is required");
  for (handle const& part : parts) {
    if (part->sizes != parts[0]->sizes)
      throw error("stack: tensors of one shape are required, these have the shapes " + to_string(parts[0]->sizes) +
                  " and " + to_string(part->sizes));
    layers_of.push_back(tensor_unsqueeze(part, axis));
  }
  handle const result = tensor_concatenate(layers_of, axis_of(parts[0], axis, "stack", 1));
  if (result->history) result->history->kind = &stack_kind;
  return result;
}

handle tensor_gather(handle const& h, int axis, handle const& at) {
  axis = axis_of(h, axis, "gather");
  bool fits = h->sizes.rank() == at->sizes.rank() && h->sizes.rank() > 0;
  for (int k = 0; fits && k < h->sizes.rank(); ++k) fits = k == axis || at->sizes[k] <= h->sizes[k];
  if (!fits)
    throw error("gather: numbers of elements of shape " + to_string(at->sizes) + " do not fit a tensor of shape " +
                to_string(h->sizes));
  return taken(h, axis, at, false, "gather");
}

handle tensor_index_select(handle const& h, int axis, handle const& at) {
  axis = axis_of(h, axis, "index_select");
  if (h->sizes.rank() == 0 || at->sizes.rank() > 1)
    throw error(
        "index_select: a vector of element numbers and a tensor with axes are required, these have the shapes " +
        to_string(at->sizes) + " and " + to_string(h->sizes));
  return taken(h, axis, at, true, "index_select");
}

}  // namespace ddx::detail
