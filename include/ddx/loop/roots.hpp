// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Roots: the values of a line enter; what the nest stores and what it reduces leaves, in memory or in sums in
// registers.
#pragma once

#include <cstddef>

#include "../simd/across.hpp"
#include "values.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// How the results of a nest are stored and reduced.
template <class Program, class Number, class... Elements>
class nest_roots : public nest_values<Program, Number, Elements...> {
  using base = nest_values<Program, Number, Elements...>;

 public:
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr int width = simd::width<Number>;
  using pack = typename base::pack;
  using frame_type = typename base::frame_type;

  /// How a root's vectors lie in memory.
  enum class access { whole, first, strided };

  template <int Nest, int Root, class Lines>
  DDX_INLINE static auto combined(line<Program, Nest, Lines> const& v, line<Program, Nest, Lines> const& shared,
                                  typename Lines::number sum) {
    constexpr nest_root root = Plan.roots[Root];
    return combined<Nest, root.combine, root.value>(v, shared, sum);
  }

  template <int Nest, reducer Combine, int Id, class Lines>
  DDX_INLINE static auto combined(line<Program, Nest, Lines> const& v, line<Program, Nest, Lines> const& shared,
                                  typename Lines::number sum) {
    if constexpr (Combine == reducer::sum && base::template fuses<Nest, Id>)
      return simd::fma(base::template operand_of<Nest, Id, 0>(v, shared),
                       base::template operand_of<Nest, Id, 1>(v, shared), sum);
    else return simd::combining<Combine>::apply(sum, base::template value_of<Nest, Id>(v, shared));
  }

  template <bool Partial, int Nest, int Root>
  static constexpr access access_of() {
    constexpr nest_root root = Plan.roots[Root];
    if (base::order_of_root(root).innermost() != Plan.nests[Nest].vector_axis) return access::strided;
    return Partial && !base::is_padded(root) ? access::first : access::whole;
  }

  template <access Access, class Element>
  DDX_INLINE static void store(Element* at, std::ptrdiff_t stride, std::ptrdiff_t count, pack value) {
    if constexpr (Access == access::whole) simd::store(at, value);
    else if constexpr (Access == access::first) simd::store_first(at, count, value);
    else simd::scatter(at, stride, count, value);
  }

  template <access Access>
  DDX_INLINE static pack reload(Number const* at, std::ptrdiff_t stride, std::ptrdiff_t count) {
    if constexpr (Access == access::whole) return simd::load<Number>(at);
    else if constexpr (Access == access::first) return simd::load_first<Number>(at, count);
    else return simd::gather<Number>(at, stride, count);
  }

  /// Whether a root is a reduction over the lines, which are rows: in memory, in two chains for the lines of a step.
  template <int Nest, int Index, class Lines>
  static constexpr bool is_over_lines =
      Lines::rows && Plan.nests[Nest].row_axis >= 0 &&
      Plan.roots[Plan.nests[Nest].first_root + Index].axis == Plan.nests[Nest].row_axis;

  template <int Nest, int Rows, int Root, class Lines>
  DDX_INLINE static void begin_sum(line<Program, Nest, Lines> (&v)[Rows]) {
    constexpr nest_root root = Plan.roots[Plan.nests[Nest].first_root + Root];
    if constexpr (Plan.nests[Nest].scan >= 0) v[0].sums[Root] = typename Lines::number(Number(0));
    if constexpr (root.axis >= 0 && root.axis == Plan.nests[Nest].vector_axis)
      each<Rows>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
        v[Line].sums[Root] = typename Lines::number(simd::combining<root.combine>::template neutral<Number>);
      });
  }

  template <int Nest, int Rows, int Index, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void begin_chains([[maybe_unused]] line<Program, Nest, Lines> (&v)[Rows],
                                      [[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t lane,
                                      [[maybe_unused]] std::ptrdiff_t count) {
    if constexpr (is_over_lines<Nest, Index, Lines>) {
      constexpr int r = Plan.nests[Nest].first_root + Index;
      constexpr access how = access_of<Partial, Nest, r>();
      v[0].sums[Index] = reload<how>(c.at + lane * (how != access::strided ? 1 : c.lane), c.lane, count);
      if constexpr (Rows > 1) v[1].sums[Index] = pack(simd::combining<Plan.roots[r].combine>::template neutral<Number>);
    }
  }

  template <int Nest, int Index, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void finish_line(line<Program, Nest, Lines>& v, line<Program, Nest, Lines> const& shared,
                                     [[maybe_unused]] line<Program, Nest, Lines>& chains,
                                     [[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row,
                                     [[maybe_unused]] std::ptrdiff_t lane, [[maybe_unused]] std::ptrdiff_t count,
                                     [[maybe_unused]] int index) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int r = n.first_root + Index;
    constexpr nest_root root = Plan.roots[r];
    if constexpr (is_over_lines<Nest, Index, Lines>) {
      chains.sums[Index] = combined<Nest, r>(v, shared, chains.sums[Index]);
    } else if constexpr (root.axis >= 0 && root.axis == n.vector_axis) {  // in registers until the end
      pack const next = combined<Nest, r>(v, shared, v.sums[Index]);
      if constexpr (Partial) v.sums[Index] = simd::select(simd::first_lanes<Number>(count), next, v.sums[Index]);
      else v.sums[Index] = next;
    } else {
      constexpr access how = access_of<Partial, Nest, r>();
      auto* const at =
          c.at + base::template offset<Lines>(c.row, how != access::strided ? 1 : c.lane, row, index, lane);
      if constexpr (root.axis < 0) {  // stored
        store<how>(at, c.lane, count, base::template value_of<Nest, root.value>(v, shared));
      } else {  // reduced over an outer axis, or over rows that come one by one: in memory
        store<how>(at, c.lane, count, combined<Nest, r>(v, shared, reload<how>(at, c.lane, count)));
      }
    }
  }

  template <int Nest, int Rows, int Used, int Index, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void end_chains([[maybe_unused]] line<Program, Nest, Lines> (&v)[Rows],
                                    [[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t lane,
                                    [[maybe_unused]] std::ptrdiff_t count) {
    if constexpr (is_over_lines<Nest, Index, Lines>) {
      constexpr int r = Plan.nests[Nest].first_root + Index;
      constexpr access how = access_of<Partial, Nest, r>();
      pack sum = v[0].sums[Index];
      if constexpr (Used > 1) sum = simd::combining<Plan.roots[r].combine>::apply(sum, v[1].sums[Index]);
      store<how>(c.at + lane * (how != access::strided ? 1 : c.lane), c.lane, count, sum);
    }
  }

  template <int Nest, int Rows, int Index, class Lines, class Cursor>
  DDX_INLINE static void end_sum([[maybe_unused]] frame_type& f, [[maybe_unused]] line<Program, Nest, Lines> (&v)[Rows],
                                 [[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int r = n.first_root + Index;
    constexpr nest_root root = Plan.roots[r];
    if constexpr (root.axis < 0 || root.axis != n.vector_axis) {
      return;
    } else if constexpr (!Lines::rows) {
      pack total = v[0].sums[Index];
      each<Rows - 1>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
        total = simd::combining<root.combine>::apply(total, v[Line + 1].sums[Index]);
      });
      if constexpr (n.row_axis < 0) {
        f.totals[r] = simd::combining<root.combine>::apply(f.totals[r], simd::widened<root.combine>(total));
      } else {
        Number& at = c.at[row * c.row];
        Number const result = simd::across<root.combine>(total);
        at = root.axis == Plan.batch ? simd::combining<root.combine>::apply(at, result) : result;
      }
    } else {
      constexpr int together = Rows < width ? Rows : width;
      each<Rows / together>([&]<int Part>(std::integral_constant<int, Part>) DDX_INLINE_LAMBDA {
        pack sums[together];
        each<together>([&]<int Line>(std::integral_constant<int, Line>)
                           DDX_INLINE_LAMBDA { sums[Line] = v[Part * together + Line].sums[Index]; });
        pack const results = simd::across_each<root.combine, together>(sums);
        std::ptrdiff_t const first = row + Part * together;
        constexpr bool padded =
            root.axis != Plan.batch && root.to == destination::buffer && base::is_padded(Plan.buffers[root.index]);
        if constexpr (padded)
          // What a vector has beyond these rows must not reach those of another thread.
          if (together == width || !Plan.has_contractions() || first + width <= base::extent(f, n, n.row_axis))
            return simd::store(c.at + first, results);  // one store, which the next nest's load can take over at once
        each<together>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
          Number& at = c.at[(first + Line) * c.row];
          at = root.axis == Plan.batch ? simd::combining<root.combine>::apply(at, results[Line]) : results[Line];
        });
      });
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
