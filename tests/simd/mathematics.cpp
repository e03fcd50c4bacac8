// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Every elementwise record enters, computed by vectors and by single numbers; they must agree. Compiled for several instruction sets.
#include <ddx/primitive/table.hpp>
#include <ddx/simd/across.hpp>
#include <ddx/simd/mathematics.hpp>
#include <ddx/simd/memory.hpp>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using ddx::reducer;
namespace simd = ddx::simd;

/// Records whose vector form must give the bits of the scalar one.
using exact_records =
    std::tuple<ddx::add_, ddx::subtract_, ddx::multiply_, ddx::divide_, ddx::negate_, ddx::square_, ddx::sqrt_,
               ddx::abs_, ddx::sign_, ddx::min_, ddx::max_, ddx::relu_, ddx::where_, ddx::floor_, ddx::ceil_,
               ddx::round_, ddx::trunc_, ddx::fmod_, ddx::clamp_, ddx::heaviside_>;

template <class Record, class Tuple>
inline constexpr bool is_one_of = false;
template <class Record, class... Records>
inline constexpr bool is_one_of<Record, std::tuple<Records...>> = (std::is_same_v<Record, Records> || ...);

/// Units in the last place that a vector function may be off. cot is a reciprocal of what is near 4 already; logaddexp cancels near 0,
/// where its record promises no more.
template <class Record>
constexpr double allowed() {
  if (is_one_of<Record, exact_records>) return 0;
  if (std::is_same_v<Record, ddx::logaddexp_>) return 8;
  return std::is_same_v<Record, ddx::cot_> ? 5 : 4;
}

template <class Number>
double units_off(Number got, long double expected) {
  auto const rounded = static_cast<Number>(expected);
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) && std::isnan(got) ? 0 : 1e9;
  if (got == rounded) return got != 0 || std::signbit(got) == std::signbit(rounded) ? 0 : 1e9;
  if (std::isinf(rounded) || std::isinf(got)) {  // an overflow that is rounding's doing is one unit
    long double const largest = std::numeric_limits<Number>::max();
    return std::abs(static_cast<long double>(std::isinf(got) ? rounded : got)) >=
                   largest * (1 - 4 * static_cast<long double>(std::numeric_limits<Number>::epsilon()))
               ? 1
               : 1e9;
  }
  int const exponent = std::max(expected == 0 ? std::numeric_limits<Number>::min_exponent : std::ilogb(expected) + 1,
                                std::numeric_limits<Number>::min_exponent);
  return static_cast<double>(std::abs(got - expected) /
                             std::ldexp(1.0L, exponent - std::numeric_limits<Number>::digits));
}

template <class Number>
struct laws {
  using pack = simd::pack<Number>;
  static constexpr int width = simd::width<Number>;
  using lanes = std::array<Number, static_cast<std::size_t>(width)>;
  using wide = std::conditional_t<sizeof(Number) == 4, double, long double>;

  template <class Record, int Operand>
  static auto vector_operand(std::array<lanes, 3> const& values) {
    pack const loaded = simd::load<Number>(values[Operand].data());
    if constexpr (requires { requires(Record::takes_conditions >> Operand & 1u) != 0; })
      return loaded > pack(Number(0));
    else return loaded;
  }

  template <class Record, int Operand, class Wide>
  static auto scalar_operand(std::array<lanes, 3> const& values, std::size_t lane) {
    if constexpr (requires { requires(Record::takes_conditions >> Operand & 1u) != 0; })
      return values[Operand][lane] > 0;
    else return static_cast<Wide>(values[Operand][lane]);
  }

  /// What a record gives of vectors; truth values as 1 and 0.
  template <class Record>
  [[gnu::noinline]] static lanes computed(std::array<lanes, 3> const& values) {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) {
      lanes got;
      auto const vector = simd::value_of<Record>(vector_operand<Record, Is>(values)...);
      if constexpr (requires { Record::condition; })
        simd::store(got.data(), simd::select(vector, pack(Number(1)), pack(Number(0))));
      else simd::store(got.data(), vector);
      return got;
    }(std::make_integer_sequence<int, ddx::record_arity<Record>>{});
  }

  /// The largest difference among the lanes, in units in the last place; `where` tells at which operands.
  template <class Record>
  static double worst(std::array<lanes, 3> const& values, std::string& where) {
    double result = -1;
    lanes const got = computed<Record>(values);
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      for (std::size_t i = 0; i < got.size(); ++i) {
        constexpr bool by_lanes = !simd::takes_vectors<Record, decltype(vector_operand<Record, Is>(values))...>;
        using reference =
            std::conditional_t<is_one_of<Record, exact_records>, Number, std::conditional_t<by_lanes, double, wide>>;
        auto const expected =
            static_cast<long double>(Record::value(scalar_operand<Record, Is, reference>(values, i)...));
        double const off = units_off(got[i], expected);
        if (off <= result) continue;
        result = off;
        char text[200];
        std::snprintf(text, sizeof text, "%s(%.9g, %.9g, %.9g) is %.17g, expected %.17Lg",
                      std::string(Record::name).c_str(), static_cast<double>(values[0][i]),
                      static_cast<double>(values[1][i]), static_cast<double>(values[2][i]), static_cast<double>(got[i]),
                      expected);
        where = text;
      }
    }(std::make_integer_sequence<int, ddx::record_arity<Record>>{});
    return result;
  }

  template <class Record>
  static void agrees_inside_its_domain() {
    ddx::primitive const& p = ddx::info<Record>;
    std::mt19937 engine(7);
    double off = 0;
    std::string where, worst_where;
    for (int round = 0; round < 2000; ++round) {
      std::array<lanes, 3> values;
      for (std::size_t k = 0; k < 3; ++k) {
        double const low = std::max(p.domain[k].low, -6.0), high = std::min(p.domain[k].high, 6.0);
        for (Number& value : values[k])
          value = static_cast<Number>(std::uniform_real_distribution<double>(low, high)(engine));
      }
      double const here = worst<Record>(values, where);
      if (here > off) off = here, worst_where = where;
    }
    INFO(worst_where);
    CHECK(off <= allowed<Record>());
  }

  /// Numbers of every exponent and both signs, subnormal ones included, with random fractions; a second and a third operand of any
  /// other exponent, or of one near by, where most functions of two have their difficulties.
  template <class Record>
  static void agrees_at_every_magnitude() {
    using limits = std::numeric_limits<Number>;
    constexpr int lowest = limits::min_exponent - limits::digits, rounds = sizeof(Number) == 4 ? 16 : 2;
    std::mt19937 engine(11);
    auto const fraction = [&] { return 1 + static_cast<wide>(engine()) / 4294967296; };
    double off = 0;
    std::string where, worst_where;
    std::array<lanes, 3> values;
    std::size_t lane = 0;
    for (int exponent = lowest; exponent < limits::max_exponent; ++exponent)
      for (int round = 0; round < 2 * rounds; ++round) {
        for (std::size_t k = 0; k < 3; ++k) {
          int const other = round < rounds ? exponent + static_cast<int>(engine() % 9) - 4
                                           : lowest + static_cast<int>(engine() % (limits::max_exponent - lowest));
          values[k][lane] = static_cast<Number>(
              std::ldexp(fraction(), k == 0 ? exponent : std::min(other, limits::max_exponent - 1)) *
              (engine() % 2 ? 1 : -1));
        }
        if (++lane < values[0].size()) continue;
        lane = 0;
        double const here = worst<Record>(values, where);
        if (here > off) off = here, worst_where = where;
      }
    INFO(worst_where);
    CHECK(off <= allowed<Record>());
  }

  template <class Record>
  static void agrees_at_special_values() {
    using limits = std::numeric_limits<Number>;
    std::vector<Number> const special{0,
                                      Number(-0.0),
                                      1,
                                      -1,
                                      limits::infinity(),
                                      -limits::infinity(),
                                      limits::quiet_NaN(),
                                      limits::denorm_min(),
                                      -limits::denorm_min(),
                                      limits::min() / 2,
                                      limits::min(),
                                      limits::max(),
                                      limits::lowest(),
                                      limits::epsilon(),
                                      Number(0.5),
                                      Number(-2),
                                      3,
                                      Number(88.8),
                                      Number(-104.5),
                                      Number(709.9),
                                      Number(-745.2),
                                      Number(1e30)};
    double off = 0;
    std::string where, worst_where;
    std::size_t const count = special.size();
    // All pairs; the special value stands in every lane, among ordinary ones.
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = 0; b < count; ++b)
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(width); ++lane) {
          std::array<lanes, 3> values;
          for (auto& operand : values) operand.fill(Number(0.75));
          values[0][lane] = special[a];
          values[1][lane] = special[b];
          values[2][lane] = special[(a + b) % count];
          double const here = worst<Record>(values, where);
          if (here > off) off = here, worst_where = where;
        }
    INFO(worst_where);
    CHECK(off <= allowed<Record>());
  }

  /// A function may treat a vector with a special element in another way; what it gives of the others must be the same.
  template <class Record>
  static void keeps_lanes_apart() {
    using limits = std::numeric_limits<Number>;
    ddx::primitive const& p = ddx::info<Record>;
    std::mt19937 engine(13);
    for (Number special :
         {Number(0), limits::infinity(), limits::quiet_NaN(), limits::denorm_min(), limits::lowest()}) {
      std::array<lanes, 3> values;
      for (std::size_t k = 0; k < 3; ++k) {
        double const low = std::max(p.domain[k].low, -6.0), high = std::min(p.domain[k].high, 6.0);
        for (Number& value : values[k])
          value = static_cast<Number>(std::uniform_real_distribution<double>(low, high)(engine));
      }
      lanes const ordinary = computed<Record>(values);
      for (auto& operand : values) operand[0] = special;
      lanes const beside = computed<Record>(values);
      CAPTURE(special);
      for (std::size_t i = 1; i < ordinary.size(); ++i)
        CHECK(std::memcmp(&ordinary[i], &beside[i], sizeof(Number)) == 0);
    }
  }

  template <class... Records>
  static void all(std::tuple<Records...> const&) {
    (one<Records>(), ...);
  }
  template <class Record>
  static void one() {
    SECTION(std::string(Record::name)) {
      agrees_inside_its_domain<Record>();
      agrees_at_every_magnitude<Record>();
      agrees_at_special_values<Record>();
      keeps_lanes_apart<Record>();
    }
  }
};

TEST_CASE("every elementwise record gives in vectors of float what it gives for a number") {
  laws<float>::all(ddx::elementwise_records{});
}
TEST_CASE("every elementwise record gives in vectors of double what it gives for a number") {
  laws<double>::all(ddx::elementwise_records{});
}
TEST_CASE("every condition gives in vectors of float what it gives for a number") {
  laws<float>::all(ddx::condition_records{});
}
TEST_CASE("every condition gives in vectors of double what it gives for a number") {
  laws<double>::all(ddx::condition_records{});
}

// ---- memory

template <class Number, class Element>
void moves() {
  constexpr int width = simd::width<Number>;
  CAPTURE(width, sizeof(Number), sizeof(Element));
  std::array<Element, 4 * static_cast<std::size_t>(width) + 3> memory;
  for (std::size_t i = 0; i < memory.size(); ++i)
    memory[i] = static_cast<Element>(std::is_same_v<Element, bool> ? i % 3 == 0
                                     : std::is_signed_v<Element>   ? 100 - 7 * static_cast<int>(i) % 200
                                                                   : 255 - 11 * static_cast<int>(i) % 256);
  auto const expect = [&](simd::pack<Number> got, std::ptrdiff_t first, std::ptrdiff_t stride, std::ptrdiff_t count) {
    for (int i = 0; i < width; ++i)
      REQUIRE(got[i] ==
              (i < count ? static_cast<Number>(memory[static_cast<std::size_t>(first + i * stride)]) : Number(0)));
  };
  for (std::ptrdiff_t first = 0; first < 3; ++first) {
    expect(simd::load<Number>(memory.data() + first), first, 1, width);
    for (std::ptrdiff_t count = 0; count < width; ++count) {
      auto const exact =
          std::make_unique<Element[]>(static_cast<std::size_t>(count));  // a sanitizer sees what is read beyond
      std::copy_n(memory.data() + first, count, exact.get());
      expect(simd::load_first<Number>(memory.data() + first, count), first, 1, count);
      expect(simd::load_first<Number>(exact.get(), count), first, 1, count);
    }
    for (std::ptrdiff_t stride = 1; stride <= 3; ++stride)
      for (std::ptrdiff_t count = 0; count <= width; ++count)
        expect(simd::gather<Number>(memory.data() + first, stride, count), first, stride, count);
  }
}

TEST_CASE("elements of every type are loaded whole, in part and with strides") {
  []<class... Elements>(std::tuple<Elements...>) {
    (moves<float, Elements>(), ...);
    (moves<double, Elements>(), ...);
  }(std::tuple<float, double, bool, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
               std::int64_t, std::uint64_t>{});
}

template <class Number, class Element>
void stores() {
  constexpr std::ptrdiff_t width = simd::width<Number>;
  CAPTURE(width, sizeof(Number), sizeof(Element));
  simd::pack<Number> const value = simd::lane_numbers<Number>() + simd::pack<Number>(Number(10));
  for (std::ptrdiff_t stride = 1; stride <= 3; ++stride)
    for (std::ptrdiff_t count = 0; count <= width; ++count) {
      std::vector<Element> memory(static_cast<std::size_t>(3 * width + 4), Element(-1));
      auto const expected = [&] {
        std::vector<Element> result(memory.size(), Element(-1));
        for (std::ptrdiff_t i = 0; i < count; ++i)
          result[static_cast<std::size_t>(1 + i * stride)] = static_cast<Element>(10 + i);
        return result;
      }();
      simd::scatter(memory.data() + 1, stride, count, value);
      REQUIRE(memory == expected);
      if (stride > 1) continue;
      memory.assign(memory.size(), Element(-1));
      if (count == width) simd::store(memory.data() + 1, value);
      else simd::store_first(memory.data() + 1, count, value);
      REQUIRE(memory == expected);
    }
}

TEST_CASE("vectors are stored whole, in part and with strides, and nothing beside") {
  stores<float, float>();
  stores<float, double>();
  stores<double, double>();
  stores<double, float>();
}

// ---- across lanes

template <reducer Reducer, class Number, int Count>
void combines() {
  constexpr int width = simd::width<Number>;
  if constexpr (Count <= width) {
    std::mt19937 engine(3);
    simd::pack<Number> values[Count];
    Number expected[Count];
    for (int k = 0; k < Count; ++k) {
      Number lanes[width];
      for (Number& lane : lanes) lane = static_cast<Number>(static_cast<int>(engine() % 2001) - 1000);
      values[k] = simd::load<Number>(lanes);
      expected[k] = lanes[0];
      for (int i = 1; i < width; ++i)
        expected[k] = Reducer == reducer::sum ? expected[k] + lanes[i] : std::max(expected[k], lanes[i]);
      CHECK(simd::across<Reducer>(values[k]) == expected[k]);
      CHECK(simd::across<Reducer>(simd::widened<Reducer>(values[k])) == static_cast<double>(expected[k]));
    }
    auto const together = simd::across_each<Reducer, Count>(values);
    for (int k = 0; k < Count; ++k) CHECK(together[k] == expected[k]);
  }
}

template <class Number, int... Counts>
void all_counts(std::integer_sequence<int, Counts...>) {
  (combines<reducer::sum, Number, Counts>(), ...);
  (combines<reducer::max, Number, Counts>(), ...);
}

TEST_CASE("lanes combine to sums and maxima, one vector or several at once") {
  all_counts<float>(std::integer_sequence<int, 1, 2, 4, 8, 16>{});
  all_counts<double>(std::integer_sequence<int, 1, 2, 4, 8, 16>{});
}

TEST_CASE("the first lanes are as many as asked for") {
  for (int count = 0; count <= simd::width<float>; ++count) {
    auto const ones = simd::select(simd::first_lanes<float>(count), simd::pack<float>(1.0f), simd::pack<float>(0.0f));
    CHECK(simd::across<reducer::sum>(ones) == static_cast<float>(count));
    CHECK((count == 0 || ones[count - 1] == 1.0f));
  }
}

TEST_CASE("a multiplication joined with an addition is right to half a unit of the product and of the sum") {
  simd::pack<double> const a(1 + std::ldexp(1.0, -30)), b(-1.0);
  double const got = simd::fma(a, a, b)[0];
  double const exact = std::ldexp(1.0, -29) + std::ldexp(1.0, -60), twice_rounded = std::ldexp(1.0, -29);
  CHECK((got == exact || got == twice_rounded));
}

}  // namespace
