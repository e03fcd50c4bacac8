// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Elementwise expressions that wait enter; their elements leave, computed block by block: a chain of operations on a long tensor goes
// through memory once, its intermediate results stay in the cache.
#include "tensor_expression.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

namespace ddx::detail {
namespace {

constexpr index block = 1024;  // elements: a chain's blocks fit in the second-level cache, often in the first

std::mutex waiting_guard;
cell* waiting = nullptr;  // all cells that wait
std::atomic<int> waiting_count = 0;

void link(cell& c) {
  std::lock_guard const held(waiting_guard);
  c.pending->previous = nullptr;
  c.pending->next = waiting;
  if (waiting != nullptr) waiting->pending->previous = &c;
  waiting = &c;
  ++waiting_count;
}

void unlink(cell& c) {
  std::lock_guard const held(waiting_guard);
  cell *const previous = c.pending->previous, *const next = c.pending->next;
  if (previous != nullptr) previous->pending->next = next;
  else waiting = next;
  if (next != nullptr) next->pending->previous = previous;
  --waiting_count;
}

template <class Bits>
void gather(cell& c, shape const& sizes, index start, index count, Bits* to) {
  int const rank = sizes.rank(), lead = rank - c.sizes.rank();
  index at[shape::rank_limit]{}, steps[shape::rank_limit]{};
  for (int axis = rank - 1; axis >= 0; --axis) {
    at[axis] = start % sizes[axis];
    start /= sizes[axis];
    if (axis >= lead && c.sizes[axis - lead] != 1) steps[axis] = c.strides[axis - lead];
  }
  Bits const* const source = data<Bits>(c);
  while (count > 0) {
    index from = 0;
    for (int axis = 0; axis < rank; ++axis) from += at[axis] * steps[axis];
    index const run = std::min(count, sizes[rank - 1] - at[rank - 1]), step = steps[rank - 1];
    if (step == 1) std::memcpy(to, source + from, static_cast<std::size_t>(run) * sizeof(Bits));
    else if (step == 0) std::fill_n(to, run, source[from]);
    else
      for (index i = 0; i < run; ++i) to[i] = source[from + i * step];
    to += run;
    count -= run;
    at[rank - 1] += run;
    for (int axis = rank - 1; axis > 0 && at[axis] == sizes[axis]; --axis) {
      at[axis] = 0;
      ++at[axis - 1];
    }
  }
}

/// Elements `start` and on of a cell as it is seen in `sizes`, in order.
void gather(cell& c, shape const& sizes, index start, index count, std::byte* to) {
  if (c.contiguous) set_contiguous_strides(c);
  switch (size_of(c.kind)) {
    case 1: return gather(c, sizes, start, count, reinterpret_cast<std::uint8_t*>(to));
    case 4: return gather(c, sizes, start, count, reinterpret_cast<std::uint32_t*>(to));
    default: return gather(c, sizes, start, count, reinterpret_cast<std::uint64_t*>(to));
  }
}

/// What enters a loop of a program: a leaf's elements, a number, an earlier result.
struct source {
  enum { number, whole, gathered, result } what = number;
  int at = 0;  ///< of a vector of copies, of a block, of a result
  cell* from = nullptr;
};

struct step {
  cell* result = nullptr;
  element_loop run = nullptr;
  source sources[max_operands]{};
  int count = 0;
  int scratch = -1;             ///< the block that holds the result
  std::byte* stored = nullptr;  ///< or where it is kept
  std::size_t size = 0;         ///< of an element
  int last_use = 0;
};

struct alignas(64) copies {
  std::byte bytes[64];
};

constexpr std::size_t beyond_caches = std::size_t{1} << 24;

/// Asks for memory that the next block reads or writes: while one is computed the memory would be idle. In line, since g++ takes a
/// call that only asks for one without effects.
DDX_INLINE void foresee([[maybe_unused]] std::byte const* from, [[maybe_unused]] std::size_t size) {
#if defined(__GNUC__)
  for (std::size_t i = 0; i < size; i += 64) __builtin_prefetch(from + i, 0, 3);
#endif
}

/// An expression and the expressions that wait in it, in order.
class program {
 public:
  explicit program(cell& root) : root_(root) {
    add(root);
    for (auto& one : steps_) one.result->slot = -1;
    place();
  }
  ~program() {
    for (auto& one : steps_) one.result->slot = -1;
  }
  program(program const&) = delete;
  program& operator=(program const&) = delete;

  std::vector<step>& steps() { return steps_; }

  /// Computes all blocks; `consume(data, start, count)` sees those of the root.
  template <class Consume>
  void run(Consume const& consume) {
    std::size_t const block_bytes = block * 8;
    shared<storage> const blocks = new_storage(on_thread(), static_cast<std::size_t>(blocks_) * block_bytes);
    std::byte* const scratch = blocks->data;
    auto const streams = long_streams();
    for (index start = 0; start < root_.count; start += block) {
      index const count = std::min(block, root_.count - start);
      index const rest = std::min(block, root_.count - start - count);
      for (stream const& one : streams)
        foresee(one.begin + static_cast<std::size_t>(start + count) * one.size,
                static_cast<std::size_t>(rest) * one.size);
      for (auto const& one : steps_) {
        elements operands[max_operands];
        for (int k = 0; k < one.count; ++k) {
          source const& from = one.sources[k];
          switch (from.what) {
            case source::number: operands[k] = {copies_[static_cast<unsigned>(from.at)].bytes, 0}; break;
            case source::whole:
              operands[k] = {bytes(*from.from) + static_cast<std::size_t>(start) * size_of(from.from->kind), 1};
              break;
            case source::gathered: {
              std::byte* const to = scratch + static_cast<std::size_t>(from.at) * block_bytes;
              gather(*from.from, root_.sizes, start, count, to);
              operands[k] = {to, 1};
              break;
            }
            case source::result:
              operands[k] = {result(steps_[static_cast<unsigned>(from.at)], start, scratch), 1};
              break;
          }
        }
        one.run(result(one, start, scratch), operands, count);
      }
      consume(result(steps_.back(), start, scratch), start, count);
    }
  }

 private:
  /// What the program reads and writes in order, where it is more than the caches hold.
  struct stream {
    std::byte* begin;
    std::size_t size;  ///< of an element
  };
  std::vector<stream> long_streams() const {
    std::vector<stream> result;
    auto const add = [&](std::byte* begin, std::size_t size) {
      bool const known = std::any_of(result.begin(), result.end(), [&](stream const& s) { return s.begin == begin; });
      if (!known && static_cast<std::size_t>(root_.count) * size >= beyond_caches) result.push_back({begin, size});
    };
    for (auto const& one : steps_) {
      if (one.stored != nullptr) add(one.stored, one.size);
      for (int k = 0; k < one.count; ++k)
        if (source const& from = one.sources[k]; from.what == source::whole)
          add(bytes(*from.from), size_of(from.from->kind));
    }
    return result;
  }

  static std::byte* result(step const& one, index start, std::byte* scratch) {
    return one.stored != nullptr ? one.stored + static_cast<std::size_t>(start) * one.size
                                 : scratch + static_cast<std::size_t>(one.scratch) * block * 8;
  }

  /// Expressions are at most `expression_limit` operations deep, so this does not go deep either.
  int add(cell& c) {
    if (c.slot >= 0) return c.slot;
    expression const& waits = *c.pending;
    step one;
    one.result = &c;
    one.run = waits.run;
    one.count = waits.count;
    one.size = size_of(c.kind);
    for (int k = 0; k < waits.count; ++k) {
      term const& operand = waits.operands[k];
      if (operand.tensor && operand.tensor->pending && operand.tensor->sizes == root_.sizes) {
        one.sources[k] = {source::result, add(*operand.tensor), nullptr};
        continue;
      }
      if (operand.tensor) need(operand.tensor);
      if (operand.tensor && !is_uniform(*operand.tensor)) {
        cell& from = *operand.tensor;
        bool const whole = from.contiguous && from.count == root_.count;
        one.sources[k] = {whole ? source::whole : source::gathered, whole ? 0 : blocks_++, &from};
        continue;
      }
      one.sources[k] = {source::number, static_cast<int>(copies_.size()), nullptr};
      copies_.emplace_back();
      if (operand.tensor) spread(*operand.tensor, copies_.back().bytes);
      else spread(waits.kinds[k], operand, copies_.back().bytes);
    }
    c.slot = static_cast<int>(steps_.size());
    steps_.push_back(one);
    return c.slot;
  }

  /// Gives each result a block until its last use.
  void place() {
    int const count = static_cast<int>(steps_.size());
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < steps_[static_cast<unsigned>(i)].count; ++k)
        if (auto const& from = steps_[static_cast<unsigned>(i)].sources[k]; from.what == source::result)
          steps_[static_cast<unsigned>(from.at)].last_use = i;
    std::vector<int> free;
    for (int i = 0; i < count; ++i) {
      step& one = steps_[static_cast<unsigned>(i)];
      if (free.empty()) one.scratch = blocks_++;
      else one.scratch = free.back(), free.pop_back();
      for (int before = 0; before < i; ++before)
        if (steps_[static_cast<unsigned>(before)].last_use == i)
          free.push_back(steps_[static_cast<unsigned>(before)].scratch);
    }
  }

  cell& root_;
  std::vector<step> steps_;
  std::vector<copies> copies_;
  int blocks_ = 0;
};

void finish(cell& c) {
  unlink(c);
  auto const done = std::move(c.pending);  // its operands end after the cell is whole
  c.pending = nullptr;
}

/// How often each result enters others of the program.
std::vector<std::uint32_t> uses_in(std::vector<step> const& steps) {
  std::vector<std::uint32_t> result(steps.size());
  for (auto const& one : steps)
    for (int k = 0; k < one.count; ++k)
      if (one.sources[k].what == source::result) ++result[static_cast<unsigned>(one.sources[k].at)];
  return result;
}

/// Makes room for a result that is kept.
void keep(step& one) {
  one.result->elements = new_storage(on_thread(), static_cast<std::size_t>(one.result->count) * one.size);
  one.stored = one.result->elements->data;
}

/// Keeps what costs more to compute again than to keep: what a rule is going to need or others hold, and whatever is computed for the
/// second time; for the third if it is recorded, since a backward pass comes once.
void keep_dear(program& p) {
  auto& steps = p.steps();
  auto const uses = uses_in(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    step& one = steps[i];
    if (one.stored != nullptr) continue;
    expression& waits = *one.result->pending;
    bool const root = i + 1 == steps.size(), held = !root && one.result->references > uses[i];
    bool const dear = !waits.cheap && (one.result->requires_grad || held);
    if (dear || waits.computed >= (one.result->requires_grad ? 2 : 1)) keep(one);
    ++waits.computed;
  }
}

void finish_kept(program& p) {
  std::vector<handle> kept;
  for (auto& one : p.steps())
    if (one.stored != nullptr && one.result->pending) kept.emplace_back(one.result);
  for (auto const& h : kept)
    if (h->elements) finish(*h);
}

}  // namespace

void spread(element_kind kind, term const& given, std::byte* to) {
  double const number = given.number;
  switch (kind) {
    case element_kind::boolean: std::fill_n(reinterpret_cast<bool*>(to), 64, number != 0); break;
    case element_kind::int64: std::fill_n(reinterpret_cast<std::int64_t*>(to), 8, given.integer()); break;
    case element_kind::float32: std::fill_n(reinterpret_cast<float*>(to), 16, static_cast<float>(number)); break;
    default: std::fill_n(reinterpret_cast<double*>(to), 8, number);
  }
}

void spread(cell& c, std::byte* to) {
  switch (size_of(c.kind)) {
    case 1: std::memset(to, static_cast<int>(*bytes(c)), 64); break;
    case 4: std::fill_n(reinterpret_cast<std::uint32_t*>(to), 16, *data<std::uint32_t>(c)); break;
    default: std::fill_n(reinterpret_cast<std::uint64_t*>(to), 8, *data<std::uint64_t>(c));
  }
}

void stop_waiting(cell& c) { unlink(c); }

void inherit(cell& from, cell& to) {
  to.kind = from.kind;
  to.view = from.view;
  to.contiguous = from.contiguous;
  to.sizes = from.sizes;
  std::copy(std::begin(from.strides), std::end(from.strides), to.strides);
  to.count = from.count;
  to.offset = from.offset;
  to.elements = from.elements;
  if (!from.pending) return;
  unlink(from);
  to.pending = std::move(from.pending);
  link(to);
}

handle make_pending(element_kind kind, shape const& sizes, std::unique_ptr<expression> pending) {
  handle result(new_cell(on_thread(), kind, sizes, sizes.count()));
  int size = 1;
  for (int k = 0; k < pending->count; ++k)
    if (auto const& operand = pending->operands[k].tensor; operand && operand->pending) size += operand->pending->size;
  for (int k = 0; k < pending->count && size > expression_limit; ++k) {
    auto const& operand = pending->operands[k].tensor;
    if (!operand || !operand->pending) continue;
    size -= operand->pending->size;
    evaluate(*operand);
  }
  pending->size = size;
  result->pending = std::move(pending);
  link(*result);
  return result;
}

void evaluate(cell& c) {
  handle const alive(&c);
  program p(c);
  keep(p.steps().back());
  keep_dear(p);
  p.run([](std::byte*, index, index) {});
  finish_kept(p);
}

void for_waiting_blocks(cell& c, std::function<void(std::byte const*, index, index)> const& consume) {
  handle const alive(&c);
  program p(c);
  keep_dear(p);
  p.run(consume);
  finish_kept(p);
}

namespace {

/// What waits, reads these elements directly and is not computed by the program.
std::vector<handle> readers_of(storage const* elements, std::vector<step> const& computed) {
  std::vector<handle> readers;
  if (waiting_count == 0) return readers;
  std::lock_guard const held(waiting_guard);
  for (cell* c = waiting; c != nullptr; c = c->pending->next) {
    bool reads = false;
    for (int k = 0; k < c->pending->count; ++k) {
      auto const& operand = c->pending->operands[k].tensor;
      reads = reads || (operand && !operand->pending && operand->elements.get() == elements);
    }
    if (reads && std::none_of(computed.begin(), computed.end(), [c](step const& one) { return one.result == c; }))
      readers.emplace_back(c);
  }
  return readers;
}

}  // namespace

void evaluate_readers(storage const* elements) {
  for (auto const& reader : readers_of(elements, {})) need(reader);
}

bool evaluate_into(cell& value, cell& to) {
  // Whoever else holds the value wants its elements for himself.
  if (!value.pending || value.references != 1 || value.sizes != to.sizes || value.kind != to.kind || !to.contiguous)
    return false;
  // What others make of the old elements comes first. It may compute parts of this program, which then is another one.
  for (;;) {
    std::vector<handle> const readers = readers_of(to.elements.get(), program(value).steps());
    if (readers.empty()) break;
    for (auto const& reader : readers) need(reader);
  }
  program p(value);
  auto const is_target = [&](source const& from) {
    return from.from != nullptr && from.from->elements.get() == to.elements.get();
  };
  auto& steps = p.steps();
  for (auto const& one : steps)
    for (int k = 0; k < one.count; ++k)
      if (is_target(one.sources[k]) &&
          (one.sources[k].what != source::whole || one.sources[k].from->offset != to.offset))
        return false;
  // What is made of the old elements and held by others is kept on the way.
  auto const uses = uses_in(steps);
  std::vector<bool> old(steps.size());
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    for (int k = 0; k < steps[i].count; ++k) {
      source const& from = steps[i].sources[k];
      if (is_target(from) || (from.what == source::result && old[static_cast<unsigned>(from.at)])) old[i] = true;
    }
    if (old[i] && steps[i].result->references > uses[i]) {
      keep(steps[i]);
      old[i] = false;
    }
  }
  steps.back().stored = bytes(to);
  keep_dear(p);
  p.run([](std::byte*, index, index) {});
  finish_kept(p);
  return true;
}

}  // namespace ddx::detail
