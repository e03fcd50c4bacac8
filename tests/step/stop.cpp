// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Histories of losses and metrics enter; the epoch at which a rule stops and its words leave.
#include <ddx/step/stop.hpp>

#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <ddx/error.hpp>

using namespace ddx;

namespace {

struct stopped {
  std::size_t epoch;  // 0: never
  std::string words;

  friend bool operator==(stopped const&, stopped const&) = default;
};

std::ostream& operator<<(std::ostream& out, stopped const& one) { return out << one.epoch << ": " << one.words; }

stopped first_stop(stop_rule rule, std::vector<double> const& losses, std::vector<double> const& metrics = {}) {
  for (std::size_t i = 0; i < losses.size(); ++i) {
    progress now{.epoch = i + 1, .seconds = 0.5 * static_cast<double>(i + 1), .first_loss = 1, .loss = losses[i]};
    if (i < metrics.size()) now.metric = metrics[i];
    if (auto const reason = rule(now)) return {i + 1, *reason};
  }
  return {0, ""};
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a fit stops after so many epochs") {
  CHECK(first_stop(stop::epochs(3), {9, 8, 7, 6}) == stopped{3, "3 epochs are done"});
  CHECK(first_stop(stop::epochs(1), {9, 8}) == stopped{1, "1 epoch is done"});
}

TEST_CASE("a fit stops when its time is spent") {
  CHECK(first_stop(stop::time(std::chrono::milliseconds(1200)), {9, 8, 7, 6}) ==
        stopped{3, "the time of 1.2 s is spent"});
}

TEST_CASE("a fit stops at a target of loss or metric") {
  CHECK(first_stop(stop::loss(0.5), {0.9, 0.51, 0.5, 0.4}) == stopped{3, "the loss 0.5 has reached 0.5"});
  CHECK(first_stop(stop::loss(-2), {1, -1, -3}) == stopped{3, "the loss -3 has reached -2"});
  CHECK(first_stop(stop::metric(0.9), {1, 1, 1}, {0.8, 0.95, 0.7}) == stopped{2, "the metric 0.95 has reached 0.9"});
  CHECK(first_stop(stop::metric(0.9), {1, 1, 1}) == stopped{0, ""});
}

TEST_CASE("patience counts epochs in a row without a better value") {
  CHECK(first_stop(stop::loss_worse(2), {5, 4, 4.5, 3, 3, 3.5, 1}) ==
        stopped{6, "the loss has not fallen for 2 epochs (best 3, epoch 4)"});
  CHECK(first_stop(stop::loss_worse(1), {5, 4, 3}) == stopped{0, ""});
  CHECK(first_stop(stop::loss_worse(1), {5, not_a_number}) ==
        stopped{2, "the loss has not fallen for 1 epoch (best 5, epoch 1)"});
  CHECK(first_stop(stop::metric_worse(2), {1, 1, 1, 1}, {0.5, 0.6, 0.6, 0.55}) ==
        stopped{4, "the metric has not risen for 2 epochs (best 0.6, epoch 2)"});
  CHECK(first_stop(stop::metric_worse(1), {1, 1, 1}) == stopped{0, ""});
}

TEST_CASE("divergence is a loss that is not finite or has exploded") {
  CHECK(first_stop(stop::diverged(), {1, 10.9, 11.1}) == stopped{3, "the loss has grown from 1 to 11.1"});
  CHECK(first_stop(stop::diverged(), {1, not_a_number}) == stopped{2, "the loss is nan"});
  CHECK(first_stop(stop::diverged(), {1, -infinity}) == stopped{2, "the loss is -inf"});
  CHECK(first_stop(stop::diverged(2), {1, 2.9, 3.1}).epoch == 3);
}

TEST_CASE("either rule stops a fit joined by ||") {
  CHECK(first_stop(stop::epochs(3) || stop::loss(0.5), {0.9, 0.4}) == stopped{2, "the loss 0.4 has reached 0.5"});
  CHECK(first_stop(stop::epochs(2) || stop::loss(0.5), {0.9, 0.4}) ==
        stopped{2, "2 epochs are done, and the loss 0.4 has reached 0.5"});
}

TEST_CASE("both rules must hold at once to stop a fit joined by &&") {
  CHECK(first_stop(stop::loss(0.5) && stop::metric(0.9), {0.4, 0.6, 0.5}, {0.8, 0.9, 0.9}) ==
        stopped{3, "the loss 0.5 has reached 0.5, and the metric 0.9 has reached 0.9"});
  CHECK(first_stop(stop::epochs(4) && stop::loss_worse(1), {3, 4, 5, 6}) ==
        stopped{4, "4 epochs are done, and the loss has not fallen for 3 epochs (best 3, epoch 1)"});
}

TEST_CASE("copies of a rule count on their own") {
  stop_rule const rule = stop::loss_worse(2);
  CHECK(first_stop(rule, {1, 2}).epoch == 0);
  CHECK(first_stop(rule, {1, 2}).epoch == 0);
  CHECK(first_stop(rule || stop::epochs(9), {1, 2, 3}).epoch == 3);
}

TEST_CASE("a rule may be any callable") {
  stop_rule const odd = [](progress const& now) -> std::optional<std::string> {
    if (now.epoch == 2) return "two is enough";
    return std::nullopt;
  };
  CHECK(first_stop(odd || stop::epochs(5), {1, 1, 1}) == stopped{2, "two is enough"});
}

TEST_CASE("rules that make no sense are refused") {
  CHECK_THROWS_WITH(stop::epochs(0), "stop::epochs: the number of epochs must be at least 1");
  CHECK_THROWS_WITH(stop::time(std::chrono::seconds(0)), "stop::time: the time must be above 0 seconds");
  CHECK_THROWS_WITH(stop::loss_worse(0), "stop::loss_worse: the number of rounds to wait must be at least 1");
  CHECK_THROWS_WITH(stop::metric_worse(0), "stop::metric_worse: the number of rounds to wait must be at least 1");
  CHECK_THROWS_WITH(stop::loss(not_a_number), "stop::loss: the target must be a number, not nan");
  CHECK_THROWS_WITH(stop::diverged(not_a_number), "stop::diverged: the factor must be above 0");
}
