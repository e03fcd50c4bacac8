// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The names of a text enter one by one; whether and where each came up before leaves, however many there are.
#pragma once

#include "../graph/sequence.hpp"
#include "../text.hpp"

namespace ddx::detail {

/// Variables and arrays in the order in which they come up, found by hash.
class name_table {
 public:
  struct entry {
    std::string_view name;
    int first, rank;
  };

  constexpr int add(std::string_view name, int first, int rank) {
    names_.push_back({name, first, rank});
    remember(names_.size() - 1);
    return names_.size() - 1;
  }

  constexpr entry const& operator[](int known) const { return names_[known]; }

  constexpr int find(std::string_view name) const {
    if (buckets_.empty()) return -1;
    unsigned const mask = static_cast<unsigned>(buckets_.size()) - 1;
    for (unsigned bucket = hash_of(name) & mask; buckets_[static_cast<int>(bucket)] >= 0; bucket = (bucket + 1) & mask)
      if (int const i = buckets_[static_cast<int>(bucket)]; names_[i].name == name) return i;
    return -1;
  }

 private:
  constexpr void remember(int index) {
    if (4 * names_.size() > 3 * buckets_.size()) {
      buckets_ = sequence<int>(buckets_.empty() ? 16 : 2 * buckets_.size(), -1);
      for (int i = 0; i < names_.size(); ++i) put(i);
    } else {
      put(index);
    }
  }

  constexpr void put(int index) {
    unsigned const mask = static_cast<unsigned>(buckets_.size()) - 1;
    unsigned bucket = hash_of(names_[index].name) & mask;
    while (buckets_[static_cast<int>(bucket)] >= 0) bucket = (bucket + 1) & mask;
    buckets_[static_cast<int>(bucket)] = index;
  }

  sequence<entry> names_;
  sequence<int> buckets_;
};

}  // namespace ddx::detail
