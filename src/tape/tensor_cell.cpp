// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Shapes enter; cells leave: their elements, views and copies, and their end, which takes no deep stack.

#include <bit>
#include <cstring>
#include <map>
#include <mutex>

#include "large_memory.hpp"
#include "tensor_expression.hpp"

namespace ddx::detail {
namespace {

/// Blocks of elements that were freed, for tensors to come: fresh memory of a large tensor costs a page fault every 4 KB, which is
/// five times the time of an addition (g++ 12, 1e7 doubles). Sizes are rounded up to an eighth of a power of two.
class block_cache {
 public:
  void* take(std::size_t size) {
    {
      std::lock_guard const held(guard_);
      if (auto const found = free_.find(size); found != free_.end() && !found->second.empty()) {
        void* const block = found->second.back();
        found->second.pop_back();
        kept_ -= size;
        return block;
      }
    }
    return allocate(size);
  }
  void give(void* block, std::size_t size) noexcept {
    try {
      std::lock_guard const held(guard_);
      if (kept_ + size <= limit) {
        free_[size].push_back(block);
        kept_ += size;
        return;
      }
    } catch (std::bad_alloc const&) {  // no room to remember it
    }
    deallocate(block, size);
  }

  static block_cache& of_all() {
    static auto* const one = new block_cache;  // outlives tensors that are static
    return *one;
  }

 private:
  static constexpr std::size_t limit = std::size_t{1} << 30;
  std::mutex guard_;
  std::map<std::size_t, std::vector<void*>> free_;
  std::size_t kept_ = 0;
};

std::size_t rounded(std::size_t size) {
  std::size_t const grain = std::max<std::size_t>(64, std::bit_ceil(size) / 16);
  return (size + grain - 1) / grain * grain;
}

}  // namespace

namespace {

constexpr int deepest_end = 16;

void end(thread_state& thread, cell* last) noexcept;
void end(thread_state& thread, operation* last) noexcept;

void end(thread_state& thread, storage* last) noexcept {
  last->set_size(0);
  last->version = last->histories = 0;
  thread.storages.give(last);
}

/// The end of a cell of which only the elements are left.
void end_plain(thread_state& thread, cell* last) noexcept {
  if (storage* const elements = last->elements.get(); elements != nullptr) {
    if (elements->references == 1 && elements->data == elements->own) {
      elements->version = elements->histories = 0;
      return thread.small_cells.give(last);
    }
    if (last->elements.leave() != nullptr) end(thread, elements);
  }
  thread.cells.give(last);
}

void put_off(thread_state& thread, cell* last) noexcept { last->next_free = std::exchange(thread.dead_cells, last); }
void put_off(thread_state& thread, operation* last) noexcept {
  last->next_free = std::exchange(thread.dead_operations, last);
}

/// Ends what was put off: chains may have millions of links, which recursion could not end.
void end_the_others(thread_state& thread) noexcept {
  while (thread.dead_cells != nullptr || thread.dead_operations != nullptr) {
    ++thread.ending;
    if (thread.dead_cells != nullptr) end(thread, std::exchange(thread.dead_cells, thread.dead_cells->next_free));
    else end(thread, std::exchange(thread.dead_operations, thread.dead_operations->next_free));
    --thread.ending;
  }
}

template <class Type>
void take(thread_state& thread, Type* last) noexcept {
  if (thread.ending == deepest_end) return put_off(thread, last);
  ++thread.ending;
  end(thread, last);
  if (--thread.ending == 0 && (thread.dead_cells != nullptr || thread.dead_operations != nullptr))
    end_the_others(thread);
}

/// An accumulation is a part of its leaf, which it had kept.
void take_operation(thread_state& thread, operation* last) noexcept {
  if (last->leaf == nullptr) take(thread, last);
  else if (--last->leaf->references == 0) take(thread, last->leaf);
}

void end(thread_state& thread, cell* last) noexcept {
  if (last->history) {
    if (last->history->result == last) leave_history(*last);
    if (operation* const op = last->history.leave(); op != nullptr) take_operation(thread, op);
  }
  if (last->pending) {
    stop_waiting(*last);
    last->pending.reset();
  }
  if (last->extras) last->extras.reset();
  end_plain(thread, last);
}

void end(thread_state& thread, operation* last) noexcept {
  for (int k = 0; k <= max_arity; ++k)
    if (last->saved[k].tensor) {
      if (k < max_arity) --last->saved[k].tensor->savers;
      forget(thread, last->saved[k].tensor);
    }
  for (auto& edge : last->edges)
    if (operation* const op = edge.leave(); op != nullptr) take_operation(thread, op);
  if (last->details) thread.details.give(last->details.release());
  if (last->extras) last->extras.reset();
  forget(thread, last->adjoint);
  thread.operations.give(last);
}

}  // namespace

void destroy(thread_state& thread, cell* last) noexcept {
  if (last->history || last->pending || last->extras) take(thread, last);
  else end_plain(thread, last);
}
void destroy(cell* last) noexcept { destroy(on_thread(), last); }
void dispose(operation* last) noexcept { take_operation(on_thread(), last); }
void dispose(storage* last) noexcept { end(on_thread(), last); }

void open_pools(thread_state& thread) {
  if (thread.opened) return;
  struct closer {
    thread_state& pools;
    explicit closer(thread_state& of_thread) : pools(of_thread) {}
    closer(closer const&) = delete;
    closer& operator=(closer const&) = delete;
    ~closer() {
      pools.cells.close();
      pools.operations.close();
      pools.details.close();
      pools.small_cells.close();
      pools.storages.close();
    }
  };
  thread_local closer const at_exit(thread);
  thread.opened = true;
  thread.cells.open();
  thread.small_cells.open();
  thread.storages.open();
  thread.operations.open();
  thread.details.open();
}

operation_details& operation::more() {
  if (!details) {
    thread_state& thread = on_thread();
    details.reset(found_or_new(thread, thread.details));
  }
  return *details;
}

void storage::exchange_block(std::size_t size) {
  if (data != own) {
    block_cache::of_all().give(data, bytes);
    data = own;
    bytes = inside;
  }
  if (size <= inside) return;
  data = static_cast<std::byte*>(block_cache::of_all().take(rounded(size)));
  bytes = rounded(size);
}

handle make_cell(element_kind kind, shape const& sizes) {
  for (index extent : sizes)
    if (extent < 0) throw error("tensor: extents must not be negative, the shape is " + to_string(sizes));
  return make_cell(on_thread(), kind, sizes, sizes.count());
}

void set_contiguous_strides(cell& c) {
  index step = 1;
  for (int axis = c.sizes.rank() - 1; axis >= 0; --axis) {
    c.strides[axis] = step;
    step *= c.sizes[axis];
  }
}

bool has_contiguous_strides(cell const& c) {
  index step = 1;
  for (int axis = c.sizes.rank() - 1; axis >= 0; --axis) {
    if (c.sizes[axis] != 1 && c.strides[axis] != step) return false;
    step *= c.sizes[axis];
  }
  return true;
}

handle make_view(handle const& base, shape const& sizes, index const* strides, index offset) {
  need(base);
  handle result(new_cell(on_thread(), base->kind, sizes, sizes.count()));
  result->elements = base->elements;
  result->offset = offset;
  result->view = true;
  if (strides == nullptr) return result;
  std::copy_n(strides, sizes.rank(), result->strides);
  result->contiguous = result->count <= 1 || has_contiguous_strides(*result);
  return result;
}

namespace {

/// Copies a strided cell to consecutive elements, row by row of its last axis.
template <class Bits>
void copy_strided(cell const& from, Bits const* source, Bits* to) {
  int const rank = from.sizes.rank();
  index const columns = rank > 0 ? from.sizes[rank - 1] : 1, step = rank > 0 ? from.strides[rank - 1] : 0;
  index at[shape::rank_limit]{};
  for (index done = 0; done < from.count; done += columns) {
    index start = 0;
    for (int axis = 0; axis + 1 < rank; ++axis) start += at[axis] * from.strides[axis];
    if (step == 1) std::memcpy(to + done, source + start, static_cast<std::size_t>(columns) * sizeof(Bits));
    else
      for (index i = 0; i < columns; ++i) to[done + i] = source[start + i * step];
    for (int axis = rank - 2; axis >= 0; --axis) {
      if (++at[axis] < from.sizes[axis]) break;
      at[axis] = 0;
    }
  }
}

}  // namespace

handle copied(handle const& h) {
  need(h);
  handle const result = make_cell(h->kind, h->sizes);
  if (h->count == 0) return result;
  if (h->contiguous) std::memcpy(bytes(*result), bytes(*h), static_cast<std::size_t>(h->count) * size_of(h->kind));
  else if (size_of(h->kind) == 8) copy_strided(*h, data<std::uint64_t>(*h), data<std::uint64_t>(*result));
  else if (size_of(h->kind) == 4) copy_strided(*h, data<std::uint32_t>(*h), data<std::uint32_t>(*result));
  else copy_strided(*h, data<std::uint8_t>(*h), data<std::uint8_t>(*result));
  return result;
}

handle contiguous(handle const& h) {
  need(h);
  return h->contiguous ? h : copied(h);
}

handle detached(handle const& h) {
  if (!h->requires_grad) return h;
  need(h);
  return make_view(h, h->sizes, h->contiguous ? nullptr : h->strides, h->offset);
}

handle scalar(element_kind kind, double value) { return tensor_filled(kind, {}, value); }

template <class Visitor>
auto visit(element_kind kind, Visitor const& visitor) {
  switch (kind) {
    case element_kind::boolean: return visitor(bool{});
    case element_kind::int64: return visitor(std::int64_t{});
    case element_kind::float32: return visitor(float{});
    default: return visitor(double{});
  }
}

double number_of(handle const& h) {
  need(h);
  return visit(h->kind, [&]<class Element>(Element) { return static_cast<double>(*data<Element>(*h)); });
}

void refuse_moved_tensor() {
  throw error("tensor: a tensor is used whose elements were moved to another one; set it first");
}

shape const& tensor_shape(handle const& h) { return h->sizes; }
bool tensor_is_contiguous(handle const& h) { return h->pending || h->contiguous; }

std::ptrdiff_t tensor_extent(handle const& h, int axis, char const* name) {
  int const rank = h->sizes.rank(), at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank)
    throw error(std::string(name) + ": axis " + std::to_string(axis) + " does not exist in a tensor of rank " +
                std::to_string(rank) + ", of shape " + to_string(h->sizes));
  return h->sizes[at];
}

double tensor_item(handle const& h) {
  if (h->count != 1)
    throw error("item: a tensor of one element is required, this one has shape " + to_string(h->sizes));
  return number_of(h);
}

std::int64_t tensor_whole_item(handle const& h) {
  if (h->count != 1)
    throw error("item: a tensor of one element is required, this one has shape " + to_string(h->sizes));
  need(h);
  return *data<std::int64_t>(*h);
}

void const* tensor_elements(handle& h) {
  h = contiguous(h);
  return bytes(*h);
}

void* tensor_own_elements(handle const& h) {
  need(h);
  if (!h->contiguous)
    throw error("data: the elements of this view of shape " + to_string(h->sizes) +
                " are not consecutive; write contiguous().data()");
  return bytes(*h);
}

handle tensor_from(element_kind kind, shape const& sizes, void const* elements) {
  handle const result = make_cell(kind, sizes);
  result->trace = 0;
  if (result->count > 0) std::memcpy(bytes(*result), elements, static_cast<std::size_t>(result->count) * size_of(kind));
  return result;
}

handle tensor_filled(element_kind kind, shape const& sizes, term const& number) {
  handle const result = make_cell(kind, sizes);
  result->trace = 0;
  visit(kind, [&]<class Element>(Element) {
    Element value;
    if constexpr (std::is_same_v<Element, std::int64_t>) value = number.integer();
    else value = static_cast<Element>(number.number);
    std::fill_n(data<Element>(*result), result->count, value);
  });
  return result;
}

}  // namespace ddx::detail
