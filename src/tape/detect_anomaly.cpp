// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A scope's beginning and end enter; tapes of reals and operations on tensors look at their results in between.
#include "detect_anomaly.hpp"

#include <cmath>

#include <fmt/core.h>

#include <ddx/tape/detect_anomaly.hpp>

#include "tensor_cell.hpp"

namespace ddx {

std::string detail::number_text(double number) { return std::isnan(number) ? "nan" : fmt::format("{}", number); }

std::string detail::place_text(std::source_location const& where, char const* preposition) {
  return where.line() == 0 ? "" : fmt::format(", {} {}:{}", preposition, where.file_name(), where.line());
}

detect_anomaly::detect_anomaly() {
  detail::watch_more(1);
  ++detail::on_thread().finding_anomalies;
}
detect_anomaly::~detect_anomaly() {
  detail::watch_more(-1);
  --detail::on_thread().finding_anomalies;
}

}  // namespace ddx
