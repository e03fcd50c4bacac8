// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What stands behind a tensor: elements, layout, pending expression, history.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ddx/tape/tensor_functions.hpp>
#include <ddx/tape/tensor_operation.hpp>

#include "tensor_pool.hpp"

namespace ddx::detail {

using index = std::ptrdiff_t;

constexpr std::size_t size_of(element_kind kind) {
  return kind == element_kind::boolean ? sizeof(bool) : kind == element_kind::float32 ? sizeof(float) : 8;
}
constexpr bool is_floating(element_kind kind) { return kind >= element_kind::float32; }

/// Elements, shared by all views of them. Up to 64 bytes stand inside, so that small tensors cost one block of the pool.
struct storage : counted, pooled<storage> {
  static constexpr std::size_t inside = 64;

  explicit storage(std::size_t size);
  ~storage();
  storage(storage const&) = delete;
  storage& operator=(storage const&) = delete;

  std::uint32_t version = 0;    ///< how often the elements were changed in place
  std::uint32_t histories = 0;  ///< how often such a change was recorded
  std::size_t bytes;
  std::byte* data;
  alignas(64) std::byte own[inside];
};

/// Shared ownership of a counted object.
template <class Type>
class shared {
 public:
  constexpr shared() = default;
  explicit shared(Type* owned) : object_(owned) {
    if (object_ != nullptr) ++object_->references;
  }
  shared(shared const& other) : shared(other.object_) {}
  shared(shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  shared& operator=(shared other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~shared() {
    if (object_ != nullptr && --object_->references == 0) dispose(object_);
  }

  Type* get() const { return object_; }
  Type* operator->() const { return object_; }
  Type& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(shared const& other) const { return object_ == other.object_; }

 private:
  Type* object_ = nullptr;
};

struct operation;
void dispose(operation* last) noexcept;
inline void dispose(storage* last) noexcept { delete last; }

/// Operands of an expression: at most adjoint, three operands and result.
inline constexpr int max_operands = 5;

/// An elementwise computation that waits until its elements are needed.
struct expression {
  element_loop run = nullptr;
  element_kind kinds[max_operands]{};  ///< of the operands, as the loop takes them
  term operands[max_operands]{};
  int count = 0;
  int size = 1;       ///< operations that wait in it and in its operands
  bool cheap = true;  ///< see tensor_operation
  int computed = 0;   ///< how often it was computed as a part of others
  cell* previous =
      nullptr;  ///< all cells that wait are in one list: changes in place look for readers of what they change
  cell* next = nullptr;
};

/// The upper half of the traces of cells that are made now: the number of the tensor_tape that lives on this thread; 0 for none.
extern thread_local constinit std::uint64_t trace_tag;

/// What few cells have.
struct cell_extras {
  handle gradient{};
  operation* accumulation =
      nullptr;  ///< the operation that adds to the gradient; it owns the cell, not the other way round
  std::vector<std::function<handle(handle const&)>> hooks{};  ///< of a leaf; others' stand at their operations
};

struct cell : counted, pooled<cell> {
  element_kind kind = element_kind::float64;
  bool requires_grad = false;
  bool view = false;
  bool contiguous = true;
  shape sizes{};
  index strides[shape::rank_limit];  ///< in elements; meaningful where not contiguous
  index count = 1;
  index offset = 0;
  std::uint32_t histories = 0;  ///< those of the storage when `history` was attached
  shared<storage> elements{};
  std::unique_ptr<expression> pending{};
  shared<operation> history{};  ///< what computed it, if that was recorded
  std::unique_ptr<cell_extras> extras{};
  std::uint64_t trace = trace_tag;  ///< the tape's tag and which of its values it is, from 1 on: see tensor_trace.cpp
  int slot = -1;                    ///< scratch of the evaluation
  int savers = 0;                   ///< operations whose rules need it as an operand

  ~cell();
  cell_extras& more() {
    if (!extras) extras = std::make_unique<cell_extras>();
    return *extras;
  }
  index stride(int axis) const { return strides[axis]; }
};

/// How an operation passes an adjoint on. `into[k]` is filled for each operand k that has an edge.
struct operation_kind {
  std::string_view name;
  char const* suffix;
  void (*backward)(operation& self, handle const& adjoint, handle* into);
};

/// The text after grad_fn=.
std::string grad_name(operation const& op);

/// What operations on whole tensors need.
struct operation_details : pooled<operation_details> {
  shape shapes[max_arity]{};
  index numbers[4]{};
  std::vector<index> list{};
  std::vector<shared<operation>> more_edges{};
  std::vector<std::function<handle(handle const&)>> hooks{};
  // While anomalies are detected: what was computed, and where.
  std::string call{};
  std::source_location where{};
};

/// A recorded operation: the edges to those that computed its operands, and what its rule needs of operands and result.
struct operation : counted, pooled<operation> {
  operation_kind const* kind = nullptr;
  tensor_operation const* elementwise = nullptr;
  std::uint64_t number = 0;  ///< later operations have larger ones
  shared<operation> edges[max_arity]{};
  term saved[max_arity + 1]{};  ///< the operands, the result once its tensor is gone
  std::uint32_t versions[max_arity + 1]{};
  std::unique_ptr<operation_details> details{};
  cell* leaf = nullptr;    ///< of an accumulation, owned
  cell* result = nullptr;  ///< while its tensor lives and this made its last value; not owned
  handle adjoint{};        ///< during backward
  int visits = 0;          ///< during backward: of how many operations the adjoint is still to come
  bool visited = false, freed = false;
  bool saves_result = false;      ///< inherited where the tensor goes first
  bool retains_gradient = false;  ///< of the result
  bool broadcasts = false;        ///< details->shapes are the operands'

  operation();
  ~operation();
  operation_details& more() {
    if (!details) details = std::make_unique<operation_details>();
    return *details;
  }
  int edge_count() const { return max_arity + (details ? static_cast<int>(details->more_edges.size()) : 0); }
  operation* edge(int k) const {
    return k < max_arity ? edges[k].get() : details->more_edges[static_cast<unsigned>(k - max_arity)].get();
  }
};

// ---- cells

/// A cell of its own elements, which are not set.
handle make_cell(element_kind kind, shape const& sizes);

/// The same, to be evaluated when needed: see tensor_expression.cpp.
handle make_pending(element_kind kind, shape const& sizes, std::unique_ptr<expression> pending);

/// Another cell on the same elements.
/// Without strides it is contiguous.
handle make_view(handle const& base, shape const& sizes, index const* strides, index offset);
void set_contiguous_strides(cell& c);
bool has_contiguous_strides(cell const& c);

/// Computes what waits.
void evaluate(cell& c);
inline void need(handle const& h) {
  if (h->pending) evaluate(*h);
}
template <class Element>
Element* data(cell& c) {
  return reinterpret_cast<Element*>(c.elements->data) + c.offset;
}
std::byte* bytes(cell& c);

/// Whether all elements are one element of memory.
inline bool is_uniform(cell const& c) {
  if (c.count == 1) return true;
  if (c.contiguous) return false;
  for (int axis = 0; axis < c.sizes.rank(); ++axis)
    if (c.sizes[axis] != 1 && c.strides[axis] != 0) return false;
  return true;
}
/// A vector of copies of its only element, or of a number.
void spread(cell& c, std::byte* to);
void spread(element_kind kind, term const& number, std::byte* to);

/// The same elements in order and without gaps: the cell itself where it is so already. Not recorded.
handle contiguous(handle const& h);
/// A copy of its own. Not recorded.
handle copied(handle const& h);
/// The cell's value without its history.
handle detached(handle const& h);

handle scalar(element_kind kind, double value);
double number_of(handle const& h);

// ---- recording

extern thread_local bool recording;
extern thread_local constinit int finding_anomalies;  ///< how many detect_anomaly live

struct recording_set {
  explicit recording_set(bool on) : before(std::exchange(recording, on)) {}
  ~recording_set() { recording = before; }
  recording_set(recording_set const&) = delete;
  recording_set& operator=(recording_set const&) = delete;
  bool before;
};

/// Whether an operation on `h` is to be recorded.
inline bool recorded(handle const& h) { return recording && h->requires_grad; }

/// What operations on `h` connect to.
shared<operation> edge_to(handle const& h);

/// Makes `result` the result of a recorded operation of one operand or two.
operation& record(handle const& result, operation_kind const& kind, handle const& first, handle const& second = {});
void save(operation& op, int k, term const& operand);
void release(operation& op, int k);
/// An operand, or with k = max_arity the result, as it was: throws where it was changed since.
handle saved(operation& op, int k);
void save_result(operation& op, handle const& result);

/// Ends the tie between a cell and what made its value, which inherits the value if it needs it.
void leave_history(cell& c);
void inherit(cell& from, cell& to);

bool all_finite(handle const& result);
[[noreturn]] void throw_anomaly(std::string const& call, handle const& result, std::source_location const& where);
/// A tensor as it prints, without its history.
std::string value_text(handle const& h);
/// `pow(tensor([1., 2.]), 2)`.
std::string call_text(std::string_view name, term const* operands, int count);
/// Looks at the result of an operation, forward, and keeps what its backward pass may have to tell.
void look_at(handle const& result, std::string_view name, term const* operands, int count);

// ---- operations on handles, recorded where recording is on

/// An elementwise loop over operands that broadcast to `sizes`: at once if small.
handle compute(element_loop run, element_kind kind, element_kind const* kinds, term const* operands, int count,
               shape const& sizes, bool cheap);

/// Adjoint times factor in a recorded backward pass; an adjoint of 0 stays 0, and so does what a choice left out.
handle chained(handle const& adjoint, scaled_factor const& rule);

/// Sums over what was broadcast.
handle sum_to(handle const& h, shape const& sizes);

handle plus(handle const& a, handle const& b);
handle minus(handle const& a, handle const& b);
handle times(handle const& a, term const& b);
handle over(handle const& a, term const& b);
handle negated(handle const& a);

shape broadcast(shape const& a, shape const& b, std::string_view name);
/// An axis counted from the front; `more` axes may stand behind the last.
int axis_of(handle const& h, int axis, char const* name, int more = 0);

}  // namespace ddx::detail
