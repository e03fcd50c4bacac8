// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sums over the batch: what pieces of it have added to their slots enters, and is added up in the order of the pieces,
// in double, so that sums do not depend on who computes a piece.
#pragma once

#include <cstddef>
#include <type_traits>

#include "../simd/across.hpp"
#include "each.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

// Loops over all elements of sums, compiled once for all nests.

template <class Number>
[[gnu::noinline]] void set_elements(Number* elements, std::ptrdiff_t count, Number value) {
  for (std::ptrdiff_t i = 0; i < count; ++i) elements[i] = value;
}

/// Elements go on in double.
template <class Number>
[[gnu::noinline]] void add_elements(double* wide, Number const* elements, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; ++i) wide[i] += static_cast<double>(elements[i]);
}

/// Elements are brought together with what went on in double.
template <class Number>
[[gnu::noinline]] void join_elements(Number* elements, double* wide, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    elements[i] = static_cast<Number>(wide[i] + static_cast<double>(elements[i]));
    wide[i] = 0;
  }
}

/// The sums over the batch of the program whose nests are those of `Loops`.
template <class Loops>
class batch_sums {
  static constexpr auto const& Plan = Loops::Plan;
  using number = typename Loops::number_type;
  using frame_type = typename Loops::frame_type;
  using total = simd::pack<double>;
  template <int Item>
  using constant = std::integral_constant<int, Item>;

  static constexpr bool over_batch(nest_root const& root) { return root.axis >= 0 && root.axis == Plan.batch; }

  /// A serial float sum of a million equal terms is off by a part in 300; with a double every 1024 rows by a part in
  /// 200,000.
  static constexpr bool is_wide(nest_root const& root) {
    return over_batch(root) && root.to == destination::buffer && root.combine == reducer::sum;
  }

 public:
  /// Whether a nest is a contraction over the batch, which threads share by its results.
  static constexpr bool by_results(int i) {
    nest const& n = Plan.nests[i];
    return n.time % 2 == 1 && n.reduced_axis >= 0 && n.reduced_axis == Plan.batch;
  }

  /// Whether a nest itself has sums over the batch.
  static constexpr bool sums_rows(int i) {
    for (int r = 0; r < Plan.nests[i].root_count; ++r)
      if (over_batch(Plan.roots[Plan.nests[i].first_root + r])) return true;
    return false;
  }

  // ---- what a call keeps memory for

  /// What a buffer is to passes.
  struct buffer_role {
    bool has_slot = false;       ///< it holds sums over the batch that pieces add to
    bool is_contracted = false;  ///< it is the result of a contraction over the batch, which tiles add to
    bool needs_wide = false;     ///< sums in it are added up in double
  };
  struct buffer_roles {
    buffer_role of[Plan.buffer_count + 1]{};
  };
  static constexpr buffer_roles roles = [] {
    buffer_roles all;
    for (int i = 0; i < Plan.nest_count; ++i)
      for (int r = 0; r < Plan.nests[i].root_count; ++r) {
        nest_root const& root = Plan.roots[Plan.nests[i].first_root + r];
        if (!over_batch(root) || root.to != destination::buffer) continue;
        buffer_role& role = all.of[root.index];
        (by_results(i) ? role.is_contracted : role.has_slot) = true;
        role.needs_wide = is_wide(root);
      }
    return all;
  }();

  /// Whether there are sums over the batch in pieces: then a call needs slots for them.
  static constexpr bool has_sums() {
    for (int i = 0; i < Plan.nest_count; ++i)
      if (!by_results(i) && sums_rows(i)) return true;
    return false;
  }

  /// Bytes at the beginning of a slot: sums that are numbers.
  static constexpr std::ptrdiff_t total_bytes =
      (Plan.root_count * static_cast<std::ptrdiff_t>(sizeof(total)) + 63) / 64 * 64;

  // ---- in the order of a pass

  template <int Nest>
  DDX_INLINE static void begin_pass(frame_type& f) {
    clear<Nest>(f);
    each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
      constexpr nest_root root = Plan.roots[Root];
      f.committed[Root] = total(simd::combining<root.combine>::template neutral<double>);
      if constexpr (is_wide(root)) set_elements(f.wide[root.index], wide_elements<root.index>(f), 0.0);
    });
  }

  /// The sums over the batch of a nest go to the slot of a piece, or without slots to where they end.
  template <int Nest>
  static void aim(frame_type& f, std::ptrdiff_t piece) {
    if (f.slots == nullptr) return;
    each_sum<Nest>([&]<int Root>(constant<Root>) {
      constexpr nest_root root = Plan.roots[Root];
      if constexpr (root.to == destination::buffer)
        f.buffers[root.index] = reinterpret_cast<number*>(slot(f, piece) + f.slot_offsets[root.index]);
    });
  }

  template <int Nest>
  static void begin_piece(frame_type& f, std::ptrdiff_t piece) {
    if (f.slots == nullptr) return;
    aim<Nest>(f, piece);
    clear<Nest>(f);
  }
  template <int Nest>
  static void end_piece(frame_type& f, std::ptrdiff_t piece) {
    if (f.slots == nullptr) return;
    each_sum<Nest>([&]<int Root>(constant<Root>) { totals(f, piece)[Root] = f.totals[Root]; });
  }

  /// What tiles have added to sums that are numbers is added to that of the pieces before.
  template <int Nest>
  DDX_INLINE static void commit(frame_type& f) {
    each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
      using combine = simd::combining<Plan.roots[Root].combine>;
      f.committed[Root] = combine::apply(f.committed[Root], f.totals[Root]);
      f.totals[Root] = total(combine::template neutral<double>);
    });
  }

  /// Adds what pieces gave to what those before gave, in their order.
  template <int Nest>
  static void add_pieces(frame_type& f, std::ptrdiff_t pieces) {
    if constexpr (!by_results(Nest))
      each_sum<Nest>([&]<int Root>(constant<Root>) {
        constexpr nest_root root = Plan.roots[Root];
        using combine = simd::combining<root.combine>;
        for (std::ptrdiff_t piece = 0; piece < pieces; ++piece) {
          if constexpr (root.to != destination::buffer) {
            f.committed[Root] = combine::apply(f.committed[Root], totals(f, piece)[Root]);
          } else {
            auto const* const sums = reinterpret_cast<number const*>(slot(f, piece) + f.slot_offsets[root.index]);
            std::ptrdiff_t const count = element_count<root.index>(f);
            if constexpr (is_wide(root)) add_elements(f.wide[root.index], sums, count);
            else
              for (std::ptrdiff_t i = 0; i < count; ++i)
                f.results[root.index][i] = combine::apply(f.results[root.index][i], sums[i]);
          }
        }
      });
  }

  /// What tiles have added to the results of a contraction goes on in double.
  template <int Nest>
  static void add_chunk(frame_type& f) {
    if constexpr (by_results(Nest))
      each_sum<Nest>([&]<int Root>(constant<Root>) {
        constexpr int b = Plan.roots[Root].index;
        if constexpr (is_wide(Plan.roots[Root])) {
          add_elements(f.wide[b], f.buffers[b], wide_elements<b>(f));
          set_elements(f.buffers[b], wide_elements<b>(f), number(0));
        }
      });
  }

  /// A sum that an epilogue uses in registers is brought together before the last tile is added.
  template <int Nest>
  static void bring_together(frame_type& f) {
    if constexpr (by_results(Nest) && Plan.nests[Nest].epilogue >= 0)
      each_sum<Nest>([&]<int Root>(constant<Root>) {
        constexpr int b = Plan.roots[Root].index;
        if constexpr (is_wide(Plan.roots[Root])) join_elements(f.buffers[b], f.wide[b], wide_elements<b>(f));
      });
  }

  template <int Nest>
  DDX_INLINE static void end_pass(frame_type& f) {
    each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
      constexpr nest_root root = Plan.roots[Root];
      if constexpr (root.to == destination::number) {
        f.numbers[root.index] =
            static_cast<number>(simd::across<root.combine>(f.slots == nullptr ? f.totals[Root] : f.committed[Root]));
      } else if constexpr (root.to == destination::buffer) {
        if constexpr (!by_results(Nest)) f.buffers[root.index] = f.results[root.index];
        if constexpr (is_wide(root))
          join_elements(f.buffers[root.index], f.wide[root.index], wide_elements<root.index>(f));
      }
    });
  }

 private:
  /// Calls `function` with each sum over the batch of a nest.
  template <int Nest, class Function>
  DDX_INLINE static void each_sum(Function const& function) {
    each<Plan.nests[Nest].root_count>([&]<int Item>(constant<Item>) DDX_INLINE_LAMBDA {
      constexpr int r = Plan.nests[Nest].first_root + Item;
      if constexpr (over_batch(Plan.roots[r])) function(constant<r>{});
    });
  }

  static std::byte* slot(frame_type const& f, std::ptrdiff_t piece) { return f.slots + piece * f.slot_bytes; }
  static total* totals(frame_type const& f, std::ptrdiff_t piece) { return reinterpret_cast<total*>(slot(f, piece)); }

  /// The number of elements of a result of a reduction over the batch.
  template <int Buffer>
  static std::ptrdiff_t element_count(frame_type const& f) {
    std::ptrdiff_t count = 1;
    for (int i = 0; i < Plan.buffers[Buffer].order.rank; ++i) count *= f.extents[Plan.buffers[Buffer].order.axes[i]];
    return count;
  }
  /// The same for a sum; none where it is a single term.
  template <int Buffer>
  static std::ptrdiff_t wide_elements(frame_type const& f) {
    return f.wide[Buffer] == nullptr ? 0 : element_count<Buffer>(f);
  }

  /// Sums begin at the neutral element. A contraction writes over its results in the first tile.
  template <int Nest>
  DDX_INLINE static void clear(frame_type& f) {
    if constexpr (!by_results(Nest))
      each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
        constexpr nest_root root = Plan.roots[Root];
        using combine = simd::combining<root.combine>;
        f.totals[Root] = total(combine::template neutral<double>);
        if constexpr (root.to == destination::buffer)
          set_elements(f.buffers[root.index], element_count<root.index>(f), combine::template neutral<number>);
      });
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
