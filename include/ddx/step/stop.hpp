// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What an epoch came to enters; whether to stop leaves, with the reason in words. Rules combine with || and &&.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ddx {

/// What a stopping rule sees after an epoch.
struct progress {
  std::size_t epoch = 0;                    ///< epochs finished, 1 after the first
  double seconds = 0;                       ///< since the fit began
  double first_loss = 0;                    ///< before any weight changed
  double loss = 0;                          ///< loss of this epoch
  std::optional<double> metric = {};        ///< validation metric after this epoch; larger is better
  std::string_view metric_name = "metric";  ///< what sentences call it
};

/// A condition on the progress of a fit, asked once after each epoch: no reason (go on) or the reason to stop, a clause
/// such as "10 epochs are done".
///
/// A rule may count and so has state. It is a value: a copy counts on its own, and `fit` takes a copy, so that one rule
/// serves several fits. `a || b` stops when either holds, `a && b` when both hold after the same epoch; each side sees
/// every epoch. Any callable `std::optional<std::string>(progress const&)` converts to a rule.
class stop_rule {
 public:
  using condition = std::function<std::optional<std::string>(progress const&)>;

  template <class Condition>
    requires(!std::same_as<std::remove_cvref_t<Condition>, stop_rule> &&
             std::is_invocable_r_v<std::optional<std::string>, Condition&, progress const&>)
  stop_rule(Condition rule) : holds_(std::move(rule)) {}

  std::optional<std::string> operator()(progress const& now) { return holds_(now); }

 private:
  condition holds_;
};

stop_rule operator||(stop_rule first, stop_rule second);
stop_rule operator&&(stop_rule first, stop_rule second);

/// The rules. Each throws `ddx::error` when its argument makes no sense, such as 0 rounds of patience.
namespace stop {

/// So many epochs are done.
stop_rule epochs(std::size_t count);

/// So much time has passed since the fit began. Time is looked at after each epoch, never within one.
stop_rule time(std::chrono::duration<double> limit);

/// The loss of an epoch is at most this.
stop_rule loss(double target);

/// The validation metric is at least this. Without a metric it never holds.
stop_rule metric(double target);

/// The loss has not gone below its best for so many epochs in a row. Losses that differ by rounding are not told apart,
/// so give it several rounds.
stop_rule loss_worse(std::size_t rounds);

/// The validation metric has not risen above its best for so many epochs in a row. Without a metric it never holds.
stop_rule metric_worse(std::size_t rounds);

/// The loss is not finite, or above the first one by more than `factor` times its magnitude. `fit` has this rule built
/// in.
stop_rule diverged(double factor = 10);

}  // namespace stop
}  // namespace ddx
