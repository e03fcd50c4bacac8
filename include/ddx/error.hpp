// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What goes wrong at run time enters as one sentence and leaves as the exception that carries it.
#pragma once

#include <stdexcept>
#include <string>

namespace ddx {

/// Every run-time error of the library: one sentence that names the place, what is required and what was found.
/// Whatever throws it leaves the objects of its caller as they were.
struct error : std::runtime_error {
  explicit error(std::string const& sentence) : std::runtime_error(sentence) {}
};

}  // namespace ddx
