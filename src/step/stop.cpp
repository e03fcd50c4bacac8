// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The progress of a fit enters; reasons to stop leave as clauses of a sentence.
#include <ddx/step/stop.hpp>

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <ddx/error.hpp>

namespace ddx {

stop_rule operator||(stop_rule first, stop_rule second) {
  return [first = std::move(first), second = std::move(second)](progress const& now) mutable {
    auto one = first(now), other = second(now);  // both, since both may count
    if (one && other) *one += ", and " + *other;
    return one ? one : other;
  };
}

stop_rule operator&&(stop_rule first, stop_rule second) {
  return [first = std::move(first), second = std::move(second)](progress const& now) mutable {
    auto one = first(now), other = second(now);
    if (!one || !other) return std::optional<std::string>();
    return std::optional(*one + ", and " + *other);
  };
}

namespace stop {
namespace {

template <class... Values>
std::optional<std::string> reason_if(bool holds, fmt::format_string<Values...> words, Values&&... values) {
  if (!holds) return std::nullopt;
  return fmt::format(words, std::forward<Values>(values)...);
}

char const* plural(std::size_t count) { return count == 1 ? "" : "s"; }

// Holds when `rounds` values in a row were no better than the best before them; values count up, a loss comes negated.
struct patience {
  std::size_t rounds;
  double best = -std::numeric_limits<double>::infinity();
  std::size_t best_epoch = 0;
  std::size_t worse = 0;

  bool operator()(double value, std::size_t epoch) {
    if (value > best) {
      best = value, best_epoch = epoch, worse = 0;
    } else {
      ++worse;
    }
    return worse >= rounds;
  }
};

void require_rounds(char const* rule, std::size_t rounds) {
  if (rounds == 0) throw error(fmt::format("stop::{}: the number of rounds to wait must be at least 1", rule));
}

void require_number(char const* rule, double value) {
  if (std::isnan(value)) throw error(fmt::format("stop::{}: the target must be a number, not nan", rule));
}

}  // namespace

stop_rule epochs(std::size_t count) {
  if (count == 0) throw error("stop::epochs: the number of epochs must be at least 1");
  return [=](progress const& now) {
    return reason_if(now.epoch >= count, "{} epoch{} done", now.epoch, now.epoch == 1 ? " is" : "s are");
  };
}

stop_rule time(std::chrono::duration<double> limit) {
  if (!(limit.count() > 0)) throw error("stop::time: the time must be above 0 seconds");
  return [=](progress const& now) {
    return reason_if(now.seconds >= limit.count(), "the time of {:.3g} s is spent", limit.count());
  };
}

stop_rule loss(double target) {
  require_number("loss", target);
  return [=](progress const& now) {
    return reason_if(now.loss <= target, "the loss {:.4g} has reached {:.4g}", now.loss, target);
  };
}

stop_rule metric(double target) {
  require_number("metric", target);
  return [=](progress const& now) {
    return reason_if(now.metric && *now.metric >= target, "the {} {:.4g} has reached {:.4g}", now.metric_name,
                     now.metric.value_or(0), target);
  };
}

stop_rule loss_worse(std::size_t rounds) {
  require_rounds("loss_worse", rounds);
  return [wait = patience{rounds}](progress const& now) mutable {
    bool const holds = wait(-now.loss, now.epoch);
    return reason_if(holds, "the loss has not fallen for {} epoch{} (best {:.4g}, epoch {})", wait.worse,
                     plural(wait.worse), -wait.best, wait.best_epoch);
  };
}

stop_rule metric_worse(std::size_t rounds) {
  require_rounds("metric_worse", rounds);
  return [wait = patience{rounds}](progress const& now) mutable {
    bool const holds = now.metric && wait(*now.metric, now.epoch);
    return reason_if(holds, "the {} has not risen for {} epoch{} (best {:.4g}, epoch {})", now.metric_name, wait.worse,
                     plural(wait.worse), wait.best, wait.best_epoch);
  };
}

stop_rule diverged(double factor) {
  if (!(factor > 0)) throw error("stop::diverged: the factor must be above 0");
  return [=](progress const& now) -> std::optional<std::string> {
    if (!std::isfinite(now.loss)) return fmt::format("the loss is {}", now.loss);
    return reason_if(now.loss > now.first_loss + factor * std::abs(now.first_loss),
                     "the loss has grown from {:.4g} to {:.4g}", now.first_loss, now.loss);
  };
}

}  // namespace stop
}  // namespace ddx
