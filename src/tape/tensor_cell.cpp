// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Shapes enter; cells leave: their elements, views and copies, and their end, which takes no deep stack.
#include "tensor_cell.hpp"

#include <bit>
#include <cstring>
#include <map>
#include <mutex>

#include "large_memory.hpp"

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

/// Ends what the end of something else would otherwise end by recursion: chains may have millions of links.
class undertaker {
 public:
  template <class Type>
  static void take(Type* last) noexcept {
    if (current == nullptr) {
      undertaker one;
      current = &one;
      delete last;
      one.finish();
      current = nullptr;
    } else if (current->depth_ < 16) {
      ++current->depth_;
      delete last;
      --current->depth_;
    } else {
      current->list<Type>().push_back(last);
    }
  }

 private:
  void finish() noexcept {
    while (!cells_.empty() || !operations_.empty()) {
      if (!cells_.empty()) delete pop(cells_);
      else delete pop(operations_);
    }
  }
  template <class Type>
  static Type* pop(std::vector<Type*>& list) {
    Type* const last = list.back();
    list.pop_back();
    return last;
  }
  template <class Type>
  std::vector<Type*>& list() {
    if constexpr (std::is_same_v<Type, cell>) return cells_;
    else return operations_;
  }

  static constinit thread_local undertaker* current;
  int depth_ = 0;
  std::vector<cell*> cells_;
  std::vector<operation*> operations_;
};

constinit thread_local undertaker* undertaker::current = nullptr;

}  // namespace

void destroy(cell* last) noexcept { undertaker::take(last); }
void dispose(operation* last) noexcept { undertaker::take(last); }

storage::storage(std::size_t size) : bytes(size <= inside ? inside : rounded(size)) {
  data = size <= inside ? own : static_cast<std::byte*>(block_cache::of_all().take(bytes));
}

storage::~storage() {
  if (data != own) block_cache::of_all().give(data, bytes);
}

handle make_cell(element_kind kind, shape const& sizes) {
  for (index extent : sizes)
    if (extent < 0) throw error("tensor: extents must not be negative, the shape is " + to_string(sizes));
  handle result(new cell);
  result->kind = kind;
  result->sizes = sizes;
  result->count = sizes.count();
  result->elements = shared<storage>(new storage(static_cast<std::size_t>(result->count) * size_of(kind)));
  return result;
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
  handle result(new cell);
  result->kind = base->kind;
  result->sizes = sizes;
  result->count = sizes.count();
  result->elements = base->elements;
  result->offset = offset;
  result->view = true;
  if (strides == nullptr) return result;
  std::copy_n(strides, sizes.rank(), result->strides);
  result->contiguous = result->count <= 1 || has_contiguous_strides(*result);
  return result;
}

std::byte* bytes(cell& c) { return c.elements->data + static_cast<std::size_t>(c.offset) * size_of(c.kind); }

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
