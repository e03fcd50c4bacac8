// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors and values enter; their elements change, counted, and recorded where operations are.
#include <algorithm>
#include <unordered_set>

#include "tensor_expression.hpp"
#include "tensor_trace.hpp"

namespace ddx::detail {
namespace {

void refuse(handle const& h, char const* name, bool will_record) {
  if (h->requires_grad && !h->history && on_thread().recording)
    throw error(std::string(name) +
                ": a leaf that requires gradients cannot be changed in place while operations are recorded; do it "
                "where a ddx::no_grad lives");
  if (h->view && will_record)
    throw error(std::string(name) +
                ": a change in place of a view is not recorded; change the whole tensor, or the view where a "
                "ddx::no_grad lives");
}

/// Whether an axis goes through the same elements again and again.
bool repeats_elements(cell const& c) {
  if (c.contiguous || c.count <= 1) return false;
  for (int axis = 0; axis < c.sizes.rank(); ++axis)
    if (c.strides[axis] == 0 && c.sizes[axis] > 1) return true;
  return false;
}

template <class Bits>
void scatter(cell& to, Bits const* from) {
  int const rank = to.sizes.rank();
  index at[shape::rank_limit]{};
  Bits* const elements = data<Bits>(to);
  for (index i = 0; i < to.count; ++i) {
    index offset = 0;
    for (int axis = 0; axis < rank; ++axis) offset += at[axis] * to.strides[axis];
    elements[offset] = from[i];
    for (int axis = rank - 1; axis >= 0; --axis) {
      if (++at[axis] < to.sizes[axis]) break;
      at[axis] = 0;
    }
  }
}

void write(handle const& h, handle const& value) {
  if (evaluate_into(*value, *h)) return;
  evaluate_readers(h->elements.get());
  handle const from = value->elements == h->elements ? copied(value) : contiguous(value);
  if (h->count == 0) return;
  std::size_t const size = size_of(h->kind);
  if (h->contiguous) std::copy_n(bytes(*from), static_cast<std::size_t>(h->count) * size, bytes(*h));
  else if (size == 8) scatter(*h, data<std::uint64_t>(*from));
  else if (size == 4) scatter(*h, data<std::uint32_t>(*from));
  else scatter(*h, data<std::uint8_t>(*from));
}

/// The rule of what computed `value` keeps the old elements where it needs them.
void keep_old(handle const& h, operation& op) {
  for (int k = 0; k < max_arity; ++k) {
    if (op.saved[k].tensor.get() != h.get()) continue;
    handle const old = copied(h);
    old->requires_grad = h->requires_grad;
    old->history = h->history;
    save(op, k, old);
  }
}

/// Operations that lead to the new value may own the tensor as an operand, and the tensor is about to own them: they get a view of the
/// elements instead, which are of another version then, so their rules cannot use them any more.
void cut_circles(handle const& h, operation& from) {
  std::unordered_set<operation*> reached{&from};
  std::vector<operation*> left{&from};
  auto const reach = [&](operation* op) {
    if (op != nullptr && reached.insert(op).second) left.push_back(op);
  };
  while (!left.empty() && h->savers > 0) {
    operation& op = *left.back();
    left.pop_back();
    for (int k = 0; k < op.edge_count(); ++k) reach(op.edge(k));
    for (int k = 0; k < max_arity; ++k) {
      if (!op.saved[k].tensor) continue;
      if (op.saved[k].tensor.get() == h.get()) {
        std::uint32_t const version = op.versions[k];
        save(op, k, make_view(h, h->sizes, h->contiguous ? nullptr : h->strides, h->offset));
        op.versions[k] = version;
      } else {
        reach(op.saved[k].tensor->history.get());
      }
    }
  }
}

void leave(handle const& h) {
  if (h->history && h->history->result == h.get()) leave_history(*h);
  h->history = {};
}

}  // namespace

void tensor_assign(handle const& h, handle given, char const* name) {
  if (given->sizes != h->sizes)
    throw error(std::string(name) + ": the result has shape " + to_string(given->sizes) +
                ", the tensor to change in place has shape " + to_string(h->sizes));
  bool const will_record = on_thread().recording && (given->requires_grad || h->requires_grad);
  refuse(h, name, will_record);
  if (repeats_elements(*h))
    throw error(std::string(name) + ": elements of this expanded tensor are the same one; write clone() first");
  need(h);
  std::uint64_t const trace = given->trace;
  handle const value = given->kind == h->kind ? std::move(given) : tensor_convert(given, h->kind);
  if (will_record && value->history) {
    keep_old(h, *value->history);
    if (h->savers > 0) cut_circles(h, *value->history);
  }
  write(h, value);
  ++h->elements->version;
  if (tracing()) trace_assignment(*h, trace);
  if (!will_record) return;
  ++h->elements->histories;
  leave(h);
  h->histories = h->elements->histories;
  h->requires_grad = value->requires_grad;
  h->history = value->history;
  if (!h->history) return;
  h->history->result = h.get();
  if (h->history->saves_result) h->history->versions[max_arity] = h->elements->version;
}

void tensor_copy(handle const& h, handle const& value) {
  handle fitting = value->sizes == h->sizes ? value : tensor_expand(value, h->sizes, "copy_");
  if (on_thread().recording && fitting->requires_grad) fitting = tensor_clone(fitting);
  tensor_assign(h, std::move(fitting), "copy_");
}

void tensor_fill(handle const& h, term const& number, char const* name) {
  tensor_assign(h, tensor_filled(h->kind, h->sizes, number), name);
}

}  // namespace ddx::detail
