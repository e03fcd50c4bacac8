// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers in memory enter, vectors leave, and back: a thin layer on the compilers' vector extensions for emitted loops.
//
// Straight-line code through vector extensions is as good as through xsimd or std::experimental::simd, whose headers cost 0.6 and
// 0.9 s more.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "../graph/inline.hpp"
#include "../primitive/elementary.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

// One inline namespace an instruction set: a program may contain kernels compiled for several, and the linker must not merge them.
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define DDX_ISA avx512
#define DDX_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define DDX_ISA avx2
#define DDX_VECTOR_BYTES 32
#elif defined(__SSE2__)
#define DDX_ISA sse2
#define DDX_VECTOR_BYTES 16
#else
#define DDX_ISA scalar
#define DDX_VECTOR_BYTES 8
#endif

namespace ddx::simd::inline DDX_ISA {

/// The number of elements in a vector register.
template <class Number>
inline constexpr int width = DDX_VECTOR_BYTES / static_cast<int>(sizeof(Number));

/// How many vectors a kernel may keep in registers.
inline constexpr int registers = DDX_VECTOR_BYTES == 64 ? 32 : 16;

template <class Number>
using integer_of = std::conditional_t<sizeof(Number) == 4, std::int32_t, std::int64_t>;

// Written out: g++ ignores the attribute on a typedef of a template parameter while it parses the template.
typedef float float_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef double double_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::int32_t int32_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::int64_t int64_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::int32_t int32_half_vector __attribute__((vector_size(DDX_VECTOR_BYTES / 2)));

/// A truth value in every lane: all bits set or none.
template <class Number>
struct mask {
  using vector = std::conditional_t<sizeof(Number) == 4, int32_vector, int64_vector>;
  vector v;

  DDX_INLINE friend mask operator&(mask a, mask b) { return {a.v & b.v}; }
  DDX_INLINE friend mask operator|(mask a, mask b) { return {a.v | b.v}; }
  DDX_INLINE friend mask operator!(mask a) { return {~a.v}; }
};

/// A number in every lane.
template <class Number>
struct pack {
  using vector = std::conditional_t<sizeof(Number) == 4, float_vector, double_vector>;
  static constexpr int lanes = width<Number>;
  vector v;

  pack() = default;
  DDX_INLINE pack(vector value) : v(value) {}
  DDX_INLINE explicit pack(Number value) : v(value - vector{}) {}

  DDX_INLINE friend pack operator+(pack a, pack b) { return {a.v + b.v}; }
  DDX_INLINE friend pack operator-(pack a, pack b) { return {a.v - b.v}; }
  DDX_INLINE friend pack operator*(pack a, pack b) { return {a.v * b.v}; }
  DDX_INLINE friend pack operator/(pack a, pack b) { return {a.v / b.v}; }
  DDX_INLINE friend pack operator-(pack a) { return {-a.v}; }
  DDX_INLINE friend mask<Number> operator<(pack a, pack b) { return {a.v < b.v}; }
  DDX_INLINE friend mask<Number> operator<=(pack a, pack b) { return {a.v <= b.v}; }
  DDX_INLINE friend mask<Number> operator>(pack a, pack b) { return {a.v > b.v}; }
  DDX_INLINE friend mask<Number> operator>=(pack a, pack b) { return {a.v >= b.v}; }
  DDX_INLINE friend mask<Number> operator==(pack a, pack b) { return {a.v == b.v}; }
  DDX_INLINE friend mask<Number> operator!=(pack a, pack b) { return {a.v != b.v}; }

  DDX_INLINE Number operator[](int lane) const { return v[lane]; }
};

template <class Number>
DDX_INLINE pack<Number> select(mask<Number> c, pack<Number> a, pack<Number> b) {
  return {c.v ? a.v : b.v};
}

/// The same for a single number.
template <std::floating_point Number>
DDX_INLINE Number select(bool c, Number a, Number b) {
  return c ? a : b;
}

/// Truth values that are the same in all lanes.
template <class Number>
DDX_INLINE pack<Number> select(bool c, pack<Number> a, pack<Number> b) {
  return c ? a : b;
}

/// a * b + c with one rounding where the instruction set has it. Left to g++ it would be contracted from -O2 on only.
template <class Number>
DDX_INLINE pack<Number> fma(pack<Number> a, pack<Number> b, pack<Number> c) {
#if defined(__clang__) && defined(__FMA__)
  return {__builtin_elementwise_fma(a.v, b.v, c.v)};
#elif defined(__FMA__) && DDX_VECTOR_BYTES == 64
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_vfmaddps512_mask(a.v, b.v, c.v, -1, 4)};
  else return {__builtin_ia32_vfmaddpd512_mask(a.v, b.v, c.v, -1, 4)};
#elif defined(__FMA__) && DDX_VECTOR_BYTES == 32
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_vfmaddps256(a.v, b.v, c.v)};
  else return {__builtin_ia32_vfmaddpd256(a.v, b.v, c.v)};
#elif defined(__FMA__) && DDX_VECTOR_BYTES == 16
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_vfmaddps(a.v, b.v, c.v)};
  else return {__builtin_ia32_vfmaddpd(a.v, b.v, c.v)};
#else
  return {a.v * b.v + c.v};
#endif
}

/// The same for single numbers.
template <std::floating_point Number>
DDX_INLINE Number fma(Number a, Number b, Number c) {
#if defined(__FMA__)
  if constexpr (sizeof(Number) == 4) return __builtin_fmaf(a, b, c);
  else return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// Keeps a loaded vector in a register: g++ otherwise loads it again for every use.
template <class Number>
DDX_INLINE void pin([[maybe_unused]] pack<Number>& value) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__AVX512F__)
  asm("" : "+v"(value.v));
#elif defined(__GNUC__) && !defined(__clang__) && defined(__SSE2__)
  asm("" : "+x"(value.v));
#endif
}

/// Hides from the compiler what an index is.
DDX_INLINE void hide([[maybe_unused]] std::ptrdiff_t& index) {
#if defined(__GNUC__)
  asm("" : "+r"(index));
#endif
}

/// Lanes 0, 1, …
template <class Number>
DDX_INLINE pack<Number> lane_numbers() {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    return pack<Number>(typename pack<Number>::vector{static_cast<Number>(Is)...});
  }(std::make_integer_sequence<int, width<Number>>{});
}

/// The first `count` lanes.
template <class Number>
DDX_INLINE mask<Number> first_lanes(std::ptrdiff_t count) {
  return lane_numbers<Number>() < pack<Number>(static_cast<Number>(count));
}

#if DDX_VECTOR_BYTES == 32
/// The compilers' masked moves of doubles take a mask of long long.
DDX_INLINE auto double_mask(mask<double> lanes) {
  typedef long long long_vector __attribute__((vector_size(32)));
  return reinterpret_cast<long_vector>(lanes.v);
}
#endif

// ---- memory: elements of any arithmetic type, converted in registers

template <class Number, class Element>
DDX_INLINE pack<Number> load(Element const* at) {
  if constexpr (std::is_same_v<Number, Element>) {
    typename pack<Number>::vector v;
    std::memcpy(&v, at, sizeof v);
    return {v};
  } else if constexpr (std::is_same_v<Element, bool>) {  // not an element of vectors for g++
    return load<Number>(reinterpret_cast<std::uint8_t const*>(at));
  } else {
    constexpr int lanes = width<Number>;
    typedef Element narrow __attribute__((vector_size(lanes * sizeof(Element))));
#if defined(__GNUC__) && !defined(__clang__) && defined(__AVX2__)
    if constexpr (std::is_same_v<Element, std::uint8_t>) {  // g++ 12 converts bytes one lane at a time
      std::conditional_t<sizeof(Number) == 4, int32_vector, int32_half_vector> wide;
#if defined(__AVX512F__)
      asm("vpmovzxbd %1, %0" : "=v"(wide) : "m"(*reinterpret_cast<unsigned char const(*)[lanes]>(at)));
#else
      asm("vpmovzxbd %1, %0" : "=x"(wide) : "m"(*reinterpret_cast<unsigned char const(*)[lanes]>(at)));
#endif
      return {__builtin_convertvector(wide, typename pack<Number>::vector)};
    } else
#endif
    {
      narrow v;
      std::memcpy(&v, at, sizeof v);
      return {__builtin_convertvector(v, typename pack<Number>::vector)};
    }
  }
}

/// The first `count` elements; the other lanes are zero and no memory beyond is touched.
template <class Number, class Element>
DDX_INLINE pack<Number> load_first(Element const* at, std::ptrdiff_t count) {
#if DDX_VECTOR_BYTES == 64
  unsigned const lanes = (1u << count) - 1;
  if constexpr (std::is_same_v<Number, float> && std::is_same_v<Element, float>)
    return {__builtin_ia32_loadups512_mask(at, float_vector{}, static_cast<unsigned short>(lanes))};
  else if constexpr (std::is_same_v<Number, double> && std::is_same_v<Element, double>)
    return {__builtin_ia32_loadupd512_mask(at, double_vector{}, static_cast<unsigned char>(lanes))};
  else
#elif DDX_VECTOR_BYTES == 32
  if constexpr (std::is_same_v<Number, float> && std::is_same_v<Element, float>)
    return {__builtin_ia32_maskloadps256(reinterpret_cast<float_vector const*>(at), first_lanes<float>(count).v)};
  else if constexpr (std::is_same_v<Number, double> && std::is_same_v<Element, double>)
    return {__builtin_ia32_maskloadpd256(reinterpret_cast<double_vector const*>(at),
                                         double_mask(first_lanes<double>(count)))};
  else
#endif
  {
    if (count == width<Number>) return load<Number>(at);
    constexpr auto room = static_cast<std::size_t>(width<Number>);
    alignas(DDX_VECTOR_BYTES) Element elements[room]{};
    if constexpr (sizeof(Element) == 1 && room <= 8) {
      // In pieces of 4, 2 and 1 bytes, put together in a register: a loop would store bytes that the load then waits for.
      std::uint64_t bytes = 0;
      int place = 0;
      auto const take = [&]<class Piece>(Piece piece) DDX_INLINE_LAMBDA {
        constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(Piece));
        if (!(count & size)) return;
        std::memcpy(&piece, at, sizeof(Piece));
        bytes |= static_cast<std::uint64_t>(piece) << place;
        place += 8 * static_cast<int>(size);
        at += size;
      };
      take(std::uint32_t{});
      take(std::uint16_t{});
      take(std::uint8_t{});
      std::memcpy(elements, &bytes, room);
    } else {
      for (std::ptrdiff_t i = 0; i < count; ++i) elements[i] = at[i];
    }
    return load<Number>(elements);
  }
}

/// Lanes from `begin` to before `end`.
template <class Number>
DDX_INLINE mask<Number> lanes_between(std::ptrdiff_t begin, std::ptrdiff_t end) {
  begin = begin < 0 ? 0 : begin > width<Number> ? width<Number> : begin;
  end = end < 0 ? 0 : end > width<Number> ? width<Number> : end;
  pack<Number> const lanes = lane_numbers<Number>();
  return (lanes >= pack<Number>(static_cast<Number>(begin))) & (lanes < pack<Number>(static_cast<Number>(end)));
}

/// The elements in lanes from `begin` to before `end`; the other lanes are zero and none of their memory is touched.
template <class Number, class Element>
DDX_INLINE pack<Number> load_between(Element const* at, std::ptrdiff_t begin, std::ptrdiff_t end) {
#if DDX_VECTOR_BYTES == 32
  if constexpr (std::is_same_v<Number, float> && std::is_same_v<Element, float>)
    return {
        __builtin_ia32_maskloadps256(reinterpret_cast<float_vector const*>(at), lanes_between<float>(begin, end).v)};
  else if constexpr (std::is_same_v<Number, double> && std::is_same_v<Element, double>)
    return {__builtin_ia32_maskloadpd256(reinterpret_cast<double_vector const*>(at),
                                         double_mask(lanes_between<double>(begin, end)))};
  else
#elif DDX_VECTOR_BYTES == 64
  auto const first = [](std::ptrdiff_t lane) {
    std::ptrdiff_t const most = width<Number>;
    return (1u << (lane < 0 ? 0 : lane > most ? most : lane)) - 1;
  };
  unsigned const lanes = first(end) & ~first(begin);
  if constexpr (std::is_same_v<Number, float> && std::is_same_v<Element, float>)
    return {__builtin_ia32_loadups512_mask(at, float_vector{}, static_cast<unsigned short>(lanes))};
  else if constexpr (std::is_same_v<Number, double> && std::is_same_v<Element, double>)
    return {__builtin_ia32_loadupd512_mask(at, double_vector{}, static_cast<unsigned char>(lanes))};
  else
#endif
  {
    alignas(DDX_VECTOR_BYTES) Element elements[width<Number>]{};
    for (std::ptrdiff_t i = begin < 0 ? 0 : begin; i < end && i < width<Number>; ++i) elements[i] = at[i];
    return load<Number>(elements);
  }
}

/// Elements `stride` apart, the first `count` of them.
template <class Number, class Element>
DDX_INLINE pack<Number> gather(Element const* at, std::ptrdiff_t stride, std::ptrdiff_t count) {
  if (stride == 1 && count == width<Number>) return load<Number>(at);
  alignas(DDX_VECTOR_BYTES) Number elements[width<Number>]{};
  for (std::ptrdiff_t i = 0; i < count; ++i) elements[i] = static_cast<Number>(at[i * stride]);
  return load<Number>(elements);
}

template <class Number, class Element>
DDX_INLINE void store(Element* at, pack<Number> value) {
  if constexpr (std::is_same_v<Number, Element>) {
    std::memcpy(at, &value.v, sizeof value.v);
  } else {
    for (int i = 0; i < width<Number>; ++i) at[i] = static_cast<Element>(value[i]);
  }
}

/// Stores the first `count` lanes; no memory beyond is touched.
template <class Number, class Element>
DDX_INLINE void store_first(Element* at, std::ptrdiff_t count, pack<Number> value) {
#if DDX_VECTOR_BYTES == 64
  unsigned const lanes = (1u << count) - 1;
  if constexpr (std::is_same_v<Number, float> && std::is_same_v<Element, float>)
    __builtin_ia32_storeups512_mask(at, value.v, static_cast<unsigned short>(lanes));
  else if constexpr (std::is_same_v<Number, double> && std::is_same_v<Element, double>)
    __builtin_ia32_storeupd512_mask(at, value.v, static_cast<unsigned char>(lanes));
  else
#elif DDX_VECTOR_BYTES == 32
  if constexpr (std::is_same_v<Number, float> && std::is_same_v<Element, float>)
    __builtin_ia32_maskstoreps256(reinterpret_cast<float_vector*>(at), first_lanes<float>(count).v, value.v);
  else if constexpr (std::is_same_v<Number, double> && std::is_same_v<Element, double>)
    __builtin_ia32_maskstorepd256(reinterpret_cast<double_vector*>(at), double_mask(first_lanes<double>(count)),
                                  value.v);
  else
#endif
  {
    alignas(DDX_VECTOR_BYTES) Number elements[width<Number>];
    store(elements, value);
    for (std::ptrdiff_t i = 0; i < count; ++i) at[i] = static_cast<Element>(elements[i]);
  }
}

/// Stores the first `count` lanes, `stride` elements apart.
template <class Number, class Element>
DDX_INLINE void scatter(Element* at, std::ptrdiff_t stride, std::ptrdiff_t count, pack<Number> value) {
  alignas(DDX_VECTOR_BYTES) Number elements[width<Number>];
  store(elements, value);
  for (std::ptrdiff_t i = 0; i < count; ++i) at[i * stride] = static_cast<Element>(elements[i]);
}

// ---- scans along lanes

/// The lanes of `a` moved up by `Step`, or down; the first ones, or the last, are those of `fill`.
template <int Step, bool Down, class Number>
DDX_INLINE pack<Number> moved(pack<Number> a, pack<Number> fill) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    constexpr int lanes = width<Number>;
    return pack<Number>(__builtin_shufflevector(
        a.v, fill.v, (Down ? (Is + Step < lanes ? Is + Step : lanes + Is) : (Is >= Step ? Is - Step : lanes + Is))...));
  }(std::make_integer_sequence<int, width<Number>>{});
}

/// Makes of the steps y -> a*y + b in the lanes those that lead from what is before all lanes to each, in order or from the last.
template <bool Down, class Number, int Step = 1>
DDX_INLINE void compose(pack<Number>& a, pack<Number>& b) {
  if constexpr (Step < width<Number>) {
    b = fma(a, moved<Step, Down>(b, pack<Number>(Number(0))), b);
    a = a * moved<Step, Down>(a, pack<Number>(Number(1)));
    compose<Down, Number, 2 * Step>(a, b);
  }
}

/// A lane in all lanes.
template <int Lane, class Number>
DDX_INLINE pack<Number> repeated(pack<Number> a) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    return pack<Number>(__builtin_shufflevector(a.v, a.v, ((void)Is, Lane)...));
  }(std::make_integer_sequence<int, width<Number>>{});
}

/// Whether the lanes are neither 0 nor so large or small that a product with what is not may overflow or vanish.
template <class Number>
DDX_INLINE bool is_moderate(pack<Number> a) {
  constexpr Number most = sizeof(Number) == 4 ? Number(0x1p40f) : Number(0x1p400), least = 1 / most;
  pack<Number> const size = abs_::value(a);
  mask<Number> const outside = !((size < pack<Number>(most)) & (size > pack<Number>(least)));
#if DDX_VECTOR_BYTES == 32
  typedef long long long_vector __attribute__((vector_size(32)));
  auto const bits = reinterpret_cast<long_vector>(outside.v);
  return __builtin_ia32_ptestz256(bits, bits) != 0;
#else
  std::uint64_t words[sizeof outside / sizeof(std::uint64_t)], bits = 0;
  std::memcpy(words, &outside.v, sizeof words);
  for (std::uint64_t const word : words) bits |= word;
  return bits == 0;
#endif
}

// ---- reductions across lanes

/// How a reduction combines, with its neutral element.
template <reducer Reducer>
struct combining;

template <>
struct combining<reducer::sum> {
  template <class Number>
  static constexpr Number neutral = Number(0);
  template <class Value>
  DDX_INLINE static constexpr Value apply(Value a, Value b) {
    return a + b;
  }
};

template <>
struct combining<reducer::max> {
  template <class Number>
  static constexpr Number neutral = -std::numeric_limits<Number>::infinity();
  template <class Value>
  DDX_INLINE static constexpr Value apply(Value a, Value b) {
    return max_::value(a, b);
  }
};

template <>
struct combining<reducer::product> {
  template <class Number>
  static constexpr Number neutral = Number(1);
  template <class Value>
  DDX_INLINE static constexpr Value apply(Value a, Value b) {
    return a * b;
  }
};

namespace detail {

/// Lane `i` of the lower (or upper) halves of the segments of length `segment` of two vectors, one vector after the other.
constexpr int half_lane(int i, int lanes, int segment, bool upper) {
  int const half = segment / 2;
  int const which = i / half, within = i % half;  // which segment, where in it
  int const segments = lanes / segment;
  int const source = which < segments ? which * segment : lanes + (which - segments) * segment;
  return source + within + (upper ? half : 0);
}

template <reducer Reducer, int Segment, class Number>
DDX_INLINE pack<Number> merge(pack<Number> a, pack<Number> b) {
  constexpr int lanes = width<Number>;
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    pack<Number> const low = __builtin_shufflevector(a.v, b.v, half_lane(Is, lanes, Segment, false)...);
    pack<Number> const high = __builtin_shufflevector(a.v, b.v, half_lane(Is, lanes, Segment, true)...);
    return combining<Reducer>::apply(low, high);
  }(std::make_integer_sequence<int, lanes>{});
}

/// One vector whose first lanes are the results of `Count` vectors, in segments of length `Segment` that are still to be folded.
template <reducer Reducer, int Count, int Segment, class Number>
DDX_INLINE pack<Number> fold(pack<Number> const* values) {
  if constexpr (Count > 1) {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
      pack<Number> const halves[]{merge<Reducer, Segment>(values[2 * Is], values[2 * Is + 1])...};
      return fold<Reducer, Count / 2, Segment / 2>(halves);
    }(std::make_integer_sequence<int, Count / 2>{});
  } else if constexpr (Segment > 1) {
    pack<Number> const halves[]{merge<Reducer, Segment>(values[0], values[0])};
    return fold<Reducer, 1, Segment / 2>(halves);
  } else {
    return values[0];
  }
}

}  // namespace detail

/// Combines each of `Count` vectors across its lanes: a tree of merges, by a transposition the cheapest way to do several. The
/// results are the first lanes. `Count` is a power of two and at most the number of lanes.
template <reducer Reducer, int Count, class Number>
DDX_INLINE pack<Number> across_each(pack<Number> const* values) {
  static_assert((Count & (Count - 1)) == 0 && Count <= width<Number>);
  return detail::fold<Reducer, Count, width<Number>>(values);
}

/// The result of combining all lanes.
template <reducer Reducer, class Number>
DDX_INLINE Number across(pack<Number> value) {
  return across_each<Reducer, 1>(&value)[0];
}

/// The lanes in double, combined to the lanes of one vector: what a long reduction adds up without losing small parts.
template <reducer Reducer, class Number>
DDX_INLINE pack<double> widened(pack<Number> value) {
  if constexpr (std::is_same_v<Number, double>) {
    return value;
  } else {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
      constexpr int half = width<double>;
      pack<double> const low = __builtin_convertvector(__builtin_shufflevector(value.v, value.v, Is...), double_vector);
      pack<double> const high =
          __builtin_convertvector(__builtin_shufflevector(value.v, value.v, (half + Is)...), double_vector);
      return combining<Reducer>::apply(low, high);
    }(std::make_integer_sequence<int, width<double>>{});
  }
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop
