// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nothing enters; what is to be known of the machine and of what else runs on it leaves.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>

namespace bench {

/// Name, cores, caches, memory, kernel, clock.
nlohmann::json describe_machine();

/// The bytes of the data cache of a level, 1 to 3; 0 where there is none.
std::size_t cache_bytes(int level);

/// How busy others kept the machine between two moments.
class bystanders {
 public:
  bystanders();
  /// Processors that other processes, and the host under a virtual machine, used on average since construction.
  double processors() const;

 private:
  double busy_, own_, at_;
};

}  // namespace bench
