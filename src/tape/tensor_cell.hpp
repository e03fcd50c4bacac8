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
  constexpr std::uint8_t sizes[]{sizeof(bool), sizeof(std::int64_t), sizeof(float), sizeof(double)};
  return sizes[static_cast<unsigned>(kind)];
}
constexpr bool is_floating(element_kind kind) { return kind >= element_kind::float32; }

/// Elements, shared by all views of them. Up to 64 bytes stand inside, so that small tensors cost one block of the pool.
struct storage : counted {
  static constexpr std::size_t inside = 64;

  storage() = default;
  ~storage() { set_size(0); }
  /// Takes elements from the cache of blocks, or gives them back there, where they do not stand inside.
  void set_size(std::size_t size) {
    if (size > inside || data != own) exchange_block(size);
  }
  storage(storage const&) = delete;
  storage& operator=(storage const&) = delete;

  std::uint32_t version = 0;    ///< how often the elements were changed in place
  std::uint32_t histories = 0;  ///< how often such a change was recorded
  std::size_t bytes = inside;
  std::byte* data = own;
  storage* next_free = nullptr;
  alignas(64) std::byte own[inside];

 private:
  void exchange_block(std::size_t size);
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
  /// The object, which no longer is owned, if this was its last owner.
  Type* leave() {
    Type* const left = std::exchange(object_, nullptr);
    return left != nullptr && --left->references == 0 ? left : nullptr;
  }
  Type* operator->() const { return object_; }
  Type& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(shared const& other) const { return object_ == other.object_; }

 private:
  Type* object_ = nullptr;
};

struct operation;
struct thread_state;
void dispose(operation* last) noexcept;
void dispose(storage* last) noexcept;

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

struct cell_extras;

struct cell : counted {
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
  std::uint64_t trace = 0;    ///< the tape's tag and which of its values it is, from 1 on: see tensor_trace.cpp
  cell* next_free = nullptr;  ///< of those that are free, or whose end waits for that of others
  int slot = -1;              ///< scratch of the evaluation
  int savers = 0;             ///< operations whose rules need it as an operand

  /// A free cell's next use.
  void begin(element_kind of, shape const& extents, index elements_in, std::uint64_t traced) {
    kind = of;
    requires_grad = view = false;
    contiguous = true;
    sizes = extents;
    count = elements_in;
    offset = 0;
    histories = 0;
    trace = traced;
    savers = 0;
  }
  cell_extras& more();
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
struct operation_details {
  operation_details* next_free = nullptr;
  shape shapes[max_arity]{};
  index numbers[4]{};
};

/// What few operations have.
struct operation_extras {
  std::vector<index> list{};
  std::vector<shared<operation>> more_edges{};
  std::vector<std::function<handle(handle const&)>> hooks{};
  // While anomalies are detected: what was computed, and where.
  std::string call{};
  std::source_location where{};
};

/// A recorded operation: the edges to those that computed its operands, and what its rule needs of operands and result.
struct operation : counted {
  operation_kind const* kind = nullptr;
  tensor_operation const* elementwise = nullptr;
  shared<operation> edges[max_arity]{};
  term saved[max_arity + 1]{};  ///< the operands, the result once its tensor is gone
  std::uint32_t versions[max_arity + 1]{};
  std::unique_ptr<operation_details> details{};
  std::unique_ptr<operation_extras> extras{};
  cell* leaf = nullptr;               ///< of an accumulation, owned while there are references
  cell* result = nullptr;             ///< while its tensor lives and this made its last value; not owned
  handle adjoint{};                   ///< during backward
  operation* next_reached = nullptr;  ///< during backward
  operation* next_free = nullptr;     ///< of those that are free, or whose end waits for that of others
  operation* next_ready = nullptr;    ///< during backward
  int visits = 0;                     ///< during backward: of how many operations the adjoint is still to come
  bool freed = false;
  bool saves_result = false;      ///< inherited where the tensor goes first
  bool retains_gradient = false;  ///< of the result
  bool broadcasts = false;        ///< details->shapes are the operands'
  std::uint8_t numbers = 0;       ///< operands of an elementwise operation that are numbers, as bits

  /// A free operation's next use.
  void begin(operation_kind const& of) {
    kind = &of;
    elementwise = nullptr;
    result = nullptr;
    freed = saves_result = retains_gradient = broadcasts = false;
    numbers = 0;
  }
  operation_details& more();
  operation_extras& rare() {
    if (!extras) extras = std::make_unique<operation_extras>();
    return *extras;
  }
  /// Calls `visit(edge, k)` for each edge that leads somewhere.
  template <class Visit>
  void for_edges(Visit const& visit) const {
    for (int k = 0; k < max_arity; ++k)
      if (edges[k]) visit(*edges[k], k);
    if (!extras) return;
    int k = max_arity;
    for (auto const& edge : extras->more_edges) {
      if (edge) visit(*edge, k);
      ++k;
    }
  }
  int edge_count() const { return max_arity + (extras ? static_cast<int>(extras->more_edges.size()) : 0); }
  operation* edge(int k) const {
    return k < max_arity ? edges[k].get() : extras->more_edges[static_cast<unsigned>(k - max_arity)].get();
  }
};

/// What few cells have.
struct cell_extras {
  explicit cell_extras(cell& owner);

  handle gradient{};
  operation accumulation{};  ///< adds to the gradient of a leaf; while it has references, it has one to the cell
  std::vector<std::function<handle(handle const&)>> hooks{};  ///< of a leaf; others' stand at their operations
};

inline cell_extras& cell::more() {
  if (!extras) extras = std::make_unique<cell_extras>(*this);
  return *extras;
}

// ---- what a thread's operations share

/// In one place, since each look at what belongs to the thread is a call where the library is a part of a shared object.
struct thread_state {
  bool recording = true;
  bool walking = false;         ///< a backward pass runs
  int finding_anomalies = 0;    ///< how many detect_anomaly live
  std::uint64_t trace_tag = 0;  ///< the number of the tensor_tape that lives, in the upper half; 0 for none
  std::source_location site{};  ///< where the program is that calls, while anomalies are detected
  pool<cell> cells{};           ///< without elements
  pool<cell> small_cells{};     ///< with elements of their own that stand inside
  pool<storage> storages{};
  pool<operation> operations{};
  pool<operation_details> details{};
  bool opened = false;  ///< the pools were
  int ending = 0;       ///< how deep the end of something ends others
  cell* dead_cells = nullptr;
  operation* dead_operations = nullptr;
};

/// A call wherever it is used: functions look once and pass it on.
thread_state& on_thread();

/// Opens the thread's pools until its end.
void open_pools(thread_state& thread);

template <class Type>
Type* found_or_new(thread_state& thread, pool<Type>& among) {
  Type* const found = among.find();
  if (found != nullptr) return found;
  open_pools(thread);
  return new Type;
}

/// A cell without elements.
inline cell* new_cell(thread_state& thread, element_kind kind, shape const& sizes, index count) {
  cell* const result = found_or_new(thread, thread.cells);
  result->begin(kind, sizes, count, thread.trace_tag);
  return result;
}
inline shared<storage> new_storage(thread_state& thread, std::size_t size) {
  shared<storage> result(found_or_new(thread, thread.storages));
  result->set_size(size);
  return result;
}
/// The end of a handle, where the thread is known.
void destroy(thread_state& thread, cell* last) noexcept;
inline void forget(thread_state& thread, handle& h) {
  if (cell* const last = h.leave(); last != nullptr) destroy(thread, last);
}

inline operation* new_operation(thread_state& thread, operation_kind const& kind) {
  operation* const result = found_or_new(thread, thread.operations);
  result->begin(kind);
  return result;
}

// ---- cells

/// A cell of its own elements, which are not set.
handle make_cell(element_kind kind, shape const& sizes);
inline handle make_cell(thread_state& thread, element_kind kind, shape const& sizes, index count) {
  std::size_t const size = static_cast<std::size_t>(count) * size_of(kind);
  if (size <= storage::inside)
    if (cell* const small = thread.small_cells.find(); small != nullptr) {
      small->begin(kind, sizes, count, thread.trace_tag);
      return handle(small);
    }
  handle result(new_cell(thread, kind, sizes, count));
  result->elements = new_storage(thread, size);
  return result;
}

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
inline std::byte* bytes(cell& c) { return c.elements->data + static_cast<std::size_t>(c.offset) * size_of(c.kind); }

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

class recording_set {
 public:
  explicit recording_set(bool on) : recording_set(on_thread(), on) {}
  recording_set(thread_state& thread, bool on) : thread_(thread), before_(std::exchange(thread.recording, on)) {}
  ~recording_set() { thread_.recording = before_; }
  recording_set(recording_set const&) = delete;
  recording_set& operator=(recording_set const&) = delete;

 private:
  thread_state& thread_;
  bool before_;
};

/// Whether an operation on `h` is to be recorded.
inline bool recorded(handle const& h) { return h->requires_grad && on_thread().recording; }

/// Tells where a call comes from, for the time of the call: to what detects anomalies.
class site_scope {
 public:
  site_scope(thread_state& thread, std::source_location const& where)
      : thread_(thread), told_(thread.finding_anomalies > 0 && where.line() > 0) {
    if (told_) thread_.site = where;
  }
  ~site_scope() {
    if (told_) thread_.site = {};
  }
  site_scope(site_scope const&) = delete;
  site_scope& operator=(site_scope const&) = delete;

 private:
  thread_state& thread_;
  bool told_;
};

/// What operations on `h` connect to.
shared<operation> edge_to(handle const& h);

/// Makes `result` the result of a recorded operation of one operand or two.
operation& record(thread_state& thread, handle const& result, operation_kind const& kind, handle const& first,
                  handle const& second = {});
inline operation& record(handle const& result, operation_kind const& kind, handle const& first,
                         handle const& second = {}) {
  return record(on_thread(), result, kind, first, second);
}
void save(operation& op, int k, term const& operand);
inline void release(thread_state& thread, operation& op, int k) {
  if (!op.saved[k].tensor) return;
  if (k < max_arity) --op.saved[k].tensor->savers;
  forget(thread, op.saved[k].tensor);
}
/// An operand, or with k = max_arity the result, as it was: backward checks before that it was not changed since.
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

/// What a loop takes: a tensor, or a number; neither where it does not read the operand.
struct loop_operand {
  cell* tensor;
  term const* number;
  element_kind kind;  ///< as the loop takes it
};

/// An elementwise loop over operands that broadcast to `sizes`, of `total` elements: at once if small.
handle compute(thread_state& thread, element_loop run, element_kind kind, loop_operand const* operands, int count,
               shape const& sizes, index total, bool cheap);

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
