// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The results of a block enter, in registers; they are stored or, if they are complete, go through the epilogue: the
// nodes of another nest, for each vector of the block.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../simd/across.hpp"
#include "../simd/memory.hpp"
#include "contraction_shape.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// Where a block's results go, and what its epilogue loads and stores.
template <class Results, class Sources, class Targets>
struct block_targets {
  Results results;
  Sources sources;
  Targets targets;
};
template <class Results, class Sources, class Targets>
block_targets(Results, Sources, Targets) -> block_targets<Results, Sources, Targets>;

/// The results of contraction `Nest` of the program whose loops are `Loops`.
template <class Loops, int Nest>
class contraction_results {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  static constexpr nest n = Plan.nests[Nest];
  using number = typename Loops::number_type;
  using pack = simd::pack<number>;
  using frame_type = typename Loops::frame_type;
  static constexpr int width = simd::width<number>;
  using shape = contraction_shape<Loops, Nest>;
  using block_results = typename shape::block_results;
  static constexpr nest e = Plan.nests[n.epilogue < 0 ? 0 : n.epilogue];

 public:
  static constexpr bool epilogue_sums_rows = [] {
    for (int r = 0; n.epilogue >= 0 && r < e.root_count; ++r)
      if (Plan.roots[e.first_root + r].axis >= 0) return true;
    return false;
  }();

  static auto epilogue_sources(frame_type& f, std::ptrdiff_t const* outer) {
    return [&]<int... Ls>(std::integer_sequence<int, Ls...>) {
      return std::tuple{Loops::template load_cursor<n.epilogue, Loops::template load_at<n.epilogue, Ls>>(f, outer)...};
    }(std::make_integer_sequence < int, n.epilogue<0 ? 0 : e.load_count>{});
  }
  static auto epilogue_targets(frame_type& f, std::ptrdiff_t const* outer) {
    return [&]<int... Rs>(std::integer_sequence<int, Rs...>) {
      return std::tuple{Loops::template root_cursor<n.epilogue, e.first_root + Rs>(f, outer)...};
    }(std::make_integer_sequence < int, n.epilogue<0 ? 0 : e.root_count>{});
  }

  /// What follows a block of `lines` by `vectors`.
  template <class Targets>
  DDX_INLINE static void conclude(frame_type& f, Targets const& targets, section const& s, std::ptrdiff_t row,
                                  int lines, int vectors, block_results& sums) {
    [&]<int... Rs>(std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      if (!s.first) (add_earlier<Rs>(std::get<Rs>(targets.results), s, row, lines, vectors, sums), ...);
      (finish<Rs>(std::get<Rs>(targets.results), s, row, lines, vectors, sums), ...);
    }(std::make_integer_sequence<int, n.root_count>{});
    if constexpr (n.epilogue >= 0)
      if (s.last) epilogue(f, targets, s, row, lines, vectors, sums);
  }

  /// The same for the smaller blocks at the edges, compiled once for all of them.
  template <class Targets>
  [[gnu::noinline]] static void conclude_edge(frame_type& f, Targets const& targets, section const& s,
                                              std::ptrdiff_t row, int lines, int vectors, block_results& sums) {
    conclude(f, targets, s, row, lines, vectors, sums);
  }

 private:
  using access = typename Loops::access;

  /// Calls `function` with the way in which a vector lies in memory, and how many of its lanes count.
  template <bool Ordered, class Function>
  DDX_INLINE static void with_access(std::ptrdiff_t count, Function const& function) {
    if constexpr (!Ordered)
      function(std::integral_constant<access, access::strided>{}, count < width ? count : std::ptrdiff_t{width});
    else if (count >= width) function(std::integral_constant<access, access::whole>{}, std::ptrdiff_t{width});
    else function(std::integral_constant<access, access::first>{}, count);
  }

  template <bool Ordered, class Target>
  DDX_INLINE static auto* element(Target const& target, std::ptrdiff_t row, std::ptrdiff_t lane) {
    return target.at + row * target.row + lane * (Ordered ? 1 : target.lane);
  }

  /// Adds what parts of the reduced axis before have left in memory.
  template <int Root, class Target>
  DDX_INLINE static void add_earlier(Target const& target, section const& s, std::ptrdiff_t row, int lines, int vectors,
                                     block_results& sums) {
    constexpr bool ordered = shape::is_ordered(n.first_root + Root);
    using combine = simd::combining<Plan.roots[n.first_root + Root].combine>;
    for (int i = 0; i < lines; ++i)
      for (int j = 0; j < vectors; ++j)
        with_access<ordered>(s.count - j * width, [&]<access How>(std::integral_constant<access, How>,
                                                                  std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
          auto const* const at = element<ordered>(target, row + i, s.lane + j * width);
          pack& sum = sums[Root][i][j];
          sum = combine::apply(Loops::template reload<How>(at, target.lane, lanes), sum);
        });
  }

  /// Stores the results of a block, unless they are complete and only the epilogue needs them.
  template <int Root, class Target>
  DDX_INLINE static void finish(Target const& target, section const& s, std::ptrdiff_t row, int lines, int vectors,
                                block_results const& sums) {
    constexpr bool ordered = shape::is_ordered(n.first_root + Root);
    if (!Plan.roots[n.first_root + Root].kept && s.last) return;
    for (int i = 0; i < lines; ++i)
      for (int j = 0; j < vectors; ++j)
        with_access<ordered>(s.count - j * width, [&]<access How>(std::integral_constant<access, How>,
                                                                  std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
          Loops::template store<How>(element<ordered>(target, row + i, s.lane + j * width), target.lane, lanes,
                                     sums[Root][i][j]);
        });
  }

  // ---- the epilogue

  /// Which of the results a load of the epilogue is, -1 for other values.
  static constexpr int result_of(int id) {
    for (int r = 0; r < n.root_count; ++r)
      if (Plan.buffers[Plan.roots[n.first_root + r].index].node == id) return r;
    return -1;
  }

  template <int Load, class Sources>
  DDX_INLINE static pack epilogue_load(frame_type const& f, Sources const& sources, std::ptrdiff_t row,
                                       std::ptrdiff_t lane, std::ptrdiff_t count) {
    constexpr int id = Loops::template load_at<n.epilogue, Load>;
    auto const& c = std::get<Load>(sources);
    pack result;
    if constexpr (Loops::order_of_load(id).rank == 0) {
      result = pack(f.numbers[id]);
    } else if constexpr (ddx::is<position_>(Graph.nodes[id])) {
      pack const first(static_cast<number>(c.first + row * c.row + lane * c.lane));
      if constexpr (Loops::template along_lanes<n.epilogue, id>) result = first + simd::lane_numbers<number>();
      else result = first;
    } else if constexpr (!Loops::template along_lanes<n.epilogue, id>) {
      result = pack(static_cast<number>(c.at[row * c.row]));
    } else {
      constexpr bool ordered = Loops::template contiguous<n.epilogue, id>;
      auto const* const at = element<ordered>(c, row, lane);
      with_access<ordered>(
          count, [&]<access How>(std::integral_constant<access, How>, std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
            if constexpr (How == access::whole) result = simd::load<number>(at);
            else if constexpr (How == access::first) result = simd::load_first<number>(at, lanes);
            else result = simd::gather<number>(at, c.lane, lanes);
          });
    }
    return result;
  }

  template <int Load, class Sources>
  DDX_INLINE static pack epilogue_value(frame_type const& f, Sources const& sources, std::ptrdiff_t row,
                                        std::ptrdiff_t lane, std::ptrdiff_t count, int i, int j,
                                        block_results const& sums) {
    constexpr int result = result_of(Loops::template load_at<n.epilogue, Load>);
    if constexpr (result >= 0) return sums[result][i][j];
    else return epilogue_load<Load>(f, sources, row + i, lane, count);
  }

  template <class Targets>
  DDX_INLINE static void epilogue(frame_type& f, Targets const& t, section const& s, std::ptrdiff_t row, int lines,
                                  int vectors, block_results const& sums) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      for (int j = 0; j < vectors; ++j) {
        std::ptrdiff_t const lane = s.lane + j * width, count = s.count - j * width;
        pack over_rows[e.root_count]{epilogue_neutral<Rs>()...};
        for (int i = 0; i < lines; ++i) {
          typename Loops::template line<n.epilogue> v;
          ((v.loads[Ls] = epilogue_value<Ls>(f, t.sources, row, lane, count, i, j, sums)), ...);
          Loops::template compute_all<n.epilogue>(v, v);
          (epilogue_root<Rs>(std::get<Rs>(t.targets), v, row + i, lane, count, over_rows[Rs]), ...);
        }
        (epilogue_sum<Rs>(std::get<Rs>(t.targets), lane, count, over_rows[Rs]), ...);
      }
    }(std::make_integer_sequence<int, e.load_count>{}, std::make_integer_sequence<int, e.root_count>{});
  }

  template <int Root>
  DDX_INLINE static pack epilogue_neutral() {
    constexpr nest_root root = Plan.roots[e.first_root + Root];
    if constexpr (root.axis >= 0) return pack(simd::combining<root.combine>::template neutral<number>);
    else return pack();
  }

  template <int Root, class Target, class Values>
  DDX_INLINE static void epilogue_root(Target const& target, Values const& v, std::ptrdiff_t row, std::ptrdiff_t lane,
                                       std::ptrdiff_t count, pack& sum) {
    constexpr nest_root root = Plan.roots[e.first_root + Root];
    if constexpr (root.axis >= 0) {
      sum = Loops::template combined<n.epilogue, root.combine, root.value>(v, v, sum);
    } else {
      constexpr bool ordered = shape::is_ordered(e.first_root + Root);
      with_access<ordered>(
          count, [&]<access How>(std::integral_constant<access, How>, std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
            Loops::template store<How>(element<ordered>(target, row, lane), target.lane, lanes,
                                       Loops::template value_of<n.epilogue, root.value>(v, v));
          });
    }
  }

  template <int Root, class Target>
  DDX_INLINE static void epilogue_sum([[maybe_unused]] Target const& target, [[maybe_unused]] std::ptrdiff_t lane,
                                      [[maybe_unused]] std::ptrdiff_t count, [[maybe_unused]] pack sum) {
    constexpr nest_root root = Plan.roots[e.first_root + Root];
    if constexpr (root.axis >= 0) {
      constexpr bool ordered = shape::is_ordered(e.first_root + Root);
      auto* const at = element<ordered>(target, 0, lane);
      with_access<ordered>(
          count, [&]<access How>(std::integral_constant<access, How>, std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
            Loops::template store<How>(
                at, target.lane, lanes,
                simd::combining<root.combine>::apply(Loops::template reload<How>(at, target.lane, lanes), sum));
          });
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
