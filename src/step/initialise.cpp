// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A seed enters; draws leave, by arithmetic that the C++ standard fixes to the bit.
#include <ddx/step/initialise.hpp>

#include <cmath>
#include <random>

namespace ddx {

std::span<std::byte> parameter::bytes() const {
  return std::visit([](auto values) { return std::as_writable_bytes(values); }, values_);
}

void initialise(std::span<parameter const> parameters, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (parameter const& one : parameters) {
    if (one.fan_in() == 0) continue;
    double const bound = 1.0 / std::sqrt(static_cast<double>(one.fan_in()));
    std::visit(
        [&]<class Element>(std::span<Element> values) {
          // The top 53 bits make a double in [0, 1) exactly; std::uniform_real_distribution differs between libraries.
          for (Element& value : values)
            value = static_cast<Element>(bound * (static_cast<double>(random() >> 11) * 0x1p-52 - 1.0));
        },
        one.values());
  }
}

}  // namespace ddx
