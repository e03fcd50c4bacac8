// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The records enter; their loops leave, for the instruction set whose flags this file is compiled with. The CPU may lack it, so all
// that is defined here must be of its namespace, lest the linker take it for what other files need.
#include "tensor_loops.hpp"
#include "tensor_variants.hpp"

namespace ddx::detail {
inline namespace DDX_ISA {

products const& this_product();

template <class Record>
constexpr record_loops make_record_loops() {
  record_loops loops{hash_of(Record::name), {}, {}};
  if constexpr (has_vector_loops<Record>) {
    loops.value[0] = &pack_loops::value<Record, float>;
    loops.value[1] = &pack_loops::value<Record, double>;
    if constexpr (!gives_truth<Record>)
      [&]<int... Is>(std::integer_sequence<int, Is...>) {
        ((loops.contribution[Is][0] = &pack_loops::contribution<Record, Is, float>), ...);
        ((loops.contribution[Is][1] = &pack_loops::contribution<Record, Is, double>), ...);
      }(std::make_integer_sequence<int, record_arity<Record>>{});
  }
  return loops;
}

variant const& this_variant() {
  static constexpr auto records = []<int... Is>(std::integer_sequence<int, Is...>) {
    return std::array<record_loops, record_count>{make_record_loops<tensor_record<Is>>()...};
  }(std::make_integer_sequence<int, record_count>{});
  static variant const found{records, &this_product()};
  return found;
}

}  // namespace DDX_ISA
}  // namespace ddx::detail
