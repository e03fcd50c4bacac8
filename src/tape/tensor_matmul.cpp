// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors, matrices and batches of them enter; their products leave, recorded.
#include <algorithm>

#include "tensor_cell.hpp"
#include "tensor_product.hpp"
#include "tensor_trace.hpp"

namespace ddx::detail {
namespace {

error mismatch(char const* name, handle const& a, handle const& b) {
  return error(std::string(name) + ": the shapes " + to_string(a->sizes) + " and " + to_string(b->sizes) +
               " have no product");
}

/// Both in the kind of the later one, a floating one.
void unify(handle& a, handle& b) {
  element_kind const kind = promote(std::max(a->kind, b->kind), true, false);
  a = tensor_convert(a, kind);
  b = tensor_convert(b, kind);
}

template <class Element>
matrix<Element const> as_matrix(cell& c) {
  if (c.contiguous) set_contiguous_strides(c);
  return {data<Element>(c), c.strides[0], c.strides[1]};
}

void mm_backward(operation& self, handle const& adjoint, handle* into) {
  if (self.edges[0]) into[0] = tensor_mm(adjoint, tensor_t(saved(self, 1)));
  if (self.edges[1]) into[1] = tensor_mm(tensor_t(saved(self, 0)), adjoint);
}
constexpr operation_kind mm_kind{"Mm", "Backward0", &mm_backward};

handle column(handle const& h) { return tensor_unsqueeze(h, 1); }
handle row(handle const& h) { return tensor_unsqueeze(h, 0); }

void mv_backward(operation& self, handle const& adjoint, handle* into) {
  if (self.edges[0]) into[0] = times(column(adjoint), row(saved(self, 1)));
  if (self.edges[1]) into[1] = tensor_mv(tensor_t(saved(self, 0)), adjoint);
}
constexpr operation_kind mv_kind{"Mv", "Backward0", &mv_backward};

void dot_backward(operation& self, handle const& adjoint, handle* into) {
  if (self.edges[0]) into[0] = times(saved(self, 1), adjoint);
  if (self.edges[1]) into[1] = times(saved(self, 0), adjoint);
}
constexpr operation_kind dot_kind{"Dot", "Backward0", &dot_backward};

void bmm_backward(operation& self, handle const& adjoint, handle* into) {
  if (self.edges[0]) into[0] = tensor_matmul(adjoint, tensor_transpose(saved(self, 1), 1, 2));
  if (self.edges[1]) into[1] = tensor_matmul(tensor_transpose(saved(self, 0), 1, 2), adjoint);
}
constexpr operation_kind bmm_kind{"Bmm", "Backward0", &bmm_backward};

handle recorded_product(handle const& result, operation_kind const& kind, handle const& a, handle const& b) {
  if (on_thread().recording && (a->requires_grad || b->requires_grad)) {
    operation& op = record(result, kind, a, b);
    if (b->requires_grad) save(op, 0, a);
    if (a->requires_grad) save(op, 1, b);
  }
  if (tracing()) trace_product(result, a, b);
  if (on_thread().finding_anomalies > 0) {
    term const operands[]{a, b};
    look_at(result, "matmul", operands, 2);
  }
  return result;
}

/// Three axes each, the first of equal extent.
handle bmm(handle const& a, handle const& b) {
  need(a);
  need(b);
  if (a->contiguous) set_contiguous_strides(*a);
  if (b->contiguous) set_contiguous_strides(*b);
  index const m = a->sizes[1], k = a->sizes[2], n = b->sizes[2];
  handle const result = make_cell(a->kind, {a->sizes[0], m, n});
  auto const each = [&]<class Element>(Element) {
    for (index i = 0; i < a->sizes[0]; ++i)
      multiply(m, n, k, matrix<Element const>{data<Element>(*a) + i * a->strides[0], a->strides[1], a->strides[2]},
               matrix<Element const>{data<Element>(*b) + i * b->strides[0], b->strides[1], b->strides[2]},
               data<Element>(*result) + i * m * n);
  };
  if (a->kind == element_kind::float32) each(float{});
  else each(double{});
  return recorded_product(result, bmm_kind, a, b);
}

}  // namespace

handle tensor_mm(handle const& first, handle const& second, std::source_location const& where) {
  site_scope const here(on_thread(), where);
  handle a = first, b = second;
  if (a->sizes.rank() != 2 || b->sizes.rank() != 2 || a->sizes[1] != b->sizes[0]) throw mismatch("mm", a, b);
  unify(a, b);
  need(a);
  need(b);
  index const m = a->sizes[0], k = a->sizes[1], n = b->sizes[1];
  handle const result = make_cell(a->kind, {m, n});
  if (a->kind == element_kind::float32)
    multiply(m, n, k, as_matrix<float>(*a), as_matrix<float>(*b), data<float>(*result));
  else multiply(m, n, k, as_matrix<double>(*a), as_matrix<double>(*b), data<double>(*result));
  return recorded_product(result, mm_kind, a, b);
}

handle tensor_mv(handle const& first, handle const& second, std::source_location const& where) {
  site_scope const here(on_thread(), where);
  handle a = first, b = second;
  if (a->sizes.rank() != 2 || b->sizes.rank() != 1 || a->sizes[1] != b->sizes[0]) throw mismatch("mv", a, b);
  unify(a, b);
  need(a);
  handle const x = contiguous(b);
  index const m = a->sizes[0], k = a->sizes[1];
  handle const result = make_cell(a->kind, {m});
  if (a->kind == element_kind::float32) multiply(m, k, as_matrix<float>(*a), data<float>(*x), data<float>(*result));
  else multiply(m, k, as_matrix<double>(*a), data<double>(*x), data<double>(*result));
  return recorded_product(result, mv_kind, a, b);
}

handle tensor_dot(handle const& first, handle const& second, std::source_location const& where) {
  site_scope const here(on_thread(), where);
  handle a = first, b = second;
  if (a->sizes.rank() != 1 || a->sizes != b->sizes) throw mismatch("dot", a, b);
  if (!is_floating(a->kind) && !is_floating(b->kind)) return tensor_reduce(reduction::sum, times(a, b), {}, false);
  unify(a, b);
  handle const x = contiguous(a), y = contiguous(b), result = make_cell(a->kind, {});
  index const k = a->sizes[0];
  if (a->kind == element_kind::float32)
    multiply(1, k, matrix<float const>{data<float>(*x), k, 1}, data<float>(*y), data<float>(*result));
  else multiply(1, k, matrix<double const>{data<double>(*x), k, 1}, data<double>(*y), data<double>(*result));
  return recorded_product(result, dot_kind, a, b);
}

handle tensor_matmul(handle const& a, handle const& b, std::source_location const& where) {
  site_scope const here(on_thread(), where);
  int const ranks[]{a->sizes.rank(), b->sizes.rank()};
  if (ranks[0] == 0 || ranks[1] == 0) throw mismatch("matmul", a, b);
  if (ranks[0] == 1 && ranks[1] == 1) return tensor_dot(a, b);
  if (ranks[0] == 2 && ranks[1] == 2) return tensor_mm(a, b);
  if (ranks[0] == 2 && ranks[1] == 1) return tensor_mv(a, b);
  if (ranks[0] == 1 && ranks[1] == 2) return tensor_mv(tensor_t(b), a);
  // Batches: a vector joins as a matrix of one row or column, the leading axes broadcast.
  if (ranks[0] == 1) return tensor_squeeze(tensor_matmul(row(a), b), -2);
  if (ranks[1] == 1) return tensor_squeeze(tensor_matmul(a, column(b)), -1);
  handle left = a, right = b;
  unify(left, right);
  index const m = a->sizes[ranks[0] - 2], k = a->sizes[ranks[0] - 1], n = b->sizes[ranks[1] - 1];
  if (b->sizes[ranks[1] - 2] != k) throw mismatch("matmul", a, b);
  if (ranks[0] == 3 && ranks[1] == 3 && a->sizes[0] == b->sizes[0]) return bmm(left, right);
  shape const lead = broadcast(shape(std::span(a->sizes.begin(), static_cast<unsigned>(ranks[0] - 2))),
                               shape(std::span(b->sizes.begin(), static_cast<unsigned>(ranks[1] - 2))), "matmul");
  auto const batch = [&](handle const& h, index rows, index columns) {
    shape whole = lead;
    whole.push_back(rows), whole.push_back(columns);
    return tensor_reshape(tensor_expand(h, whole), {lead.count(), rows, columns});
  };
  shape whole = lead;
  whole.push_back(m), whole.push_back(n);
  return tensor_reshape(bmm(batch(left, m, k), batch(right, k, n)), whole);
}

}  // namespace ddx::detail
