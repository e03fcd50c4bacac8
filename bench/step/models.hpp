// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The models A to D as a user of ddx writes them.
#pragma once

#include <ddx/ddx.hpp>

namespace bench::models {

inline constexpr ddx::array<"X", "n", "d"> X;
inline constexpr ddx::array<"y", "n"> y;
inline constexpr ddx::array<"w", "d"> w;
inline constexpr ddx::var<"b"> b;
inline constexpr ddx::array<"W1", "d", "h"> W1;
inline constexpr ddx::array<"b1", "h"> b1;
inline constexpr ddx::array<"w2", "h"> w2;
inline constexpr ddx::array<"W2", "h", "k"> W2;
inline constexpr ddx::array<"b2", "k"> b2;
inline constexpr ddx::array<"Y", "n", "k"> Y;  // a 1 for the class of the row, else 0
inline constexpr ddx::array<"x", "n"> x;

inline constexpr auto logit = ddx::sum<"d">(X * w) + b;
inline constexpr auto linear_loss = ddx::mean<"n">(softplus(logit) - y * logit);
inline constexpr auto byte_logit = ddx::sum<"d">(X / 255 * w) + b;
inline constexpr auto byte_loss = ddx::mean<"n">(softplus(byte_logit) - y * byte_logit);

inline constexpr auto network_loss =
    ddx::fn(ddx::args(X, y, W1, b1, w2, b), [](auto X, auto y, auto W1, auto b1, auto w2, auto b) {
      auto const hidden = relu(ddx::sum<"d">(X * W1) + b1);
      auto const z = ddx::sum<"h">(hidden * w2) + b;
      return ddx::mean<"n">(softplus(z) - y * z);
    });

inline constexpr auto classifier_loss =
    ddx::fn(ddx::args(X, Y, W1, b1, W2, b2), [](auto X, auto Y, auto W1, auto b1, auto W2, auto b2) {
      auto const hidden = relu(ddx::sum<"d">(X * W1) + b1);
      auto const z = ddx::sum<"h">(hidden * W2) + b2;
      return ddx::mean<"n">(ddx::logsumexp<"k">(z) - ddx::sum<"k">(Y * z));
    });

inline constexpr auto square_loss = ddx::sum<"n">(x * x);

}  // namespace bench::models
