// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers in memory enter, vectors leave, and back: elements of any arithmetic type, converted in registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "pack.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

#if DDX_VECTOR_BYTES == 32
/// The compilers' masked moves of doubles take a mask of long long.
DDX_INLINE auto double_mask(mask<double> lanes) {
  typedef long long long_vector __attribute__((vector_size(32)));
  return reinterpret_cast<long_vector>(lanes.v);
}
#endif

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
      // In pieces of 4, 2 and 1 bytes, put together in a register: a loop would store bytes that the load then waits
      // for.
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

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop
