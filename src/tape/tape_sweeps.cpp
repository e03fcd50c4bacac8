// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A recording and seeds enter; adjoints, slopes and new values of its variables leave. All sweeps are loops over
// contiguous memory.
#include <ddx/error.hpp>
#include <ddx/tape/recording.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "tape_statement.hpp"

namespace ddx::detail {

namespace {

// CPUs foresee a pass backward over several streams badly: over a tape that is beyond the caches it takes half as long where memory
// is asked for early. That is done a stretch at a time: for each statement it takes a fifth of the time of a tape in the caches.
constexpr std::size_t stretch = 128, ahead = 1024, beyond_caches = std::size_t{1} << 20;  // words

/// Asks for what a sweep reaches `ahead` words later.
// Inline: g++ takes the call of a function that only asks for memory for one without effects.
DDX_INLINE void foresee([[maybe_unused]] sweep const& s) {
#if defined(__GNUC__)
  if (s.position < ahead + stretch) return;
  for (std::size_t i = 0; i < stretch; i += 8) __builtin_prefetch(s.words + (s.position - ahead - i));
  for (std::size_t i = 0; i < stretch / 2; i += 8) __builtin_prefetch(s.adjoints + ((s.position - ahead) / 2 - i), 1);
#endif
}

/// Whether variables are statements without operands, one after another.
bool leaves_in_a_row(double const* words, std::span<std::size_t const> variables) {
  if (variables.empty()) return false;
  for (std::size_t i = 1; i < variables.size(); ++i)
    if (variables[i] != variables[i - 1] + leaf_size || number_before(words + variables[i] + 1) > constant_code)
      return false;
  return true;
}

}  // namespace

/// Room for the adjoints of all variables, all 0.
double* recording::clear_adjoints() {
  std::size_t const needed = used / 2 + 1;
  if (needed > adjoints_.size()) adjoints_.grow(words_.size() / 2 + 1);
  if (clear_ < needed) {
    std::fill_n(adjoints_.data() + clear_, needed - clear_, 0.0);
    clear_ = needed;
  }
  return adjoints_.data();
}

// Statements take their adjoint away when they hand it on, so the next sweep finds zeros: filling the whole array each
// time took a fifth of the time of a sweep. The adjoints asked for are read when the sweep arrives there.
void recording::reverse(std::span<std::size_t const> outputs, std::span<double const> seeds,
                        std::span<std::size_t const> by, double* result) {
  sweep s{.words = words, .adjoints = clear_adjoints()};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    s.adjoints[outputs[i] / 2] += seeds[i];
    s.position = std::max(s.position, outputs[i] + 1);
  }
  std::size_t const clear = std::exchange(clear_, 0);
  auto const read = [&](std::size_t place) {
    s.stop = by[place] + 1;
    reverse_to(s);
    result[place] = s.adjoints[by[place] / 2];
  };
  if (leaves_in_a_row(words, by)) {  // inputs, mostly: what contributes to one has contributed to all
    read(by.size() - 1);
    for (std::size_t place = 0; place < by.size(); ++place) result[place] = s.adjoints[by[place] / 2];
  } else if (std::is_sorted(by.begin(), by.end())) {
    for (std::size_t place = by.size(); place-- > 0;) read(place);
  } else {
    order_.resize(by.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t left, std::size_t right) { return by[left] > by[right]; });
    for (std::size_t place : order_) read(place);
  }
  std::fill_n(s.adjoints, s.position / 2 + 1, 0.0);
  clear_ = clear;
}

void recording::reverse_to(sweep& s) const {
  if (watching()) reverse_watched(s);
  if (s.position <= s.stop) return;
  std::size_t const stop = s.stop;
  reverse_place place{words + s.position, 0};
  bool const far = s.position - stop > beyond_caches;
  while (s.position > stop) {
    if (far) {
      foresee(s);
      s.stop = std::max(stop, s.position - std::min(stretch, s.position));
    }
    double const* const end = words + s.stop;
    while (place.at > end) {
      std::uint32_t const number = number_before(place.at);
      if (number <=
          constant_code) {  // inputs, of which there may be more than of other statements, without a call each
        s.adjoints[static_cast<std::size_t>(place.at - words - 1) / 2] = 0;
        place = {place.at - leaf_size, 0};
      } else {
        place = code_of(number).reverse(s, place);
      }
    }
    s.position = static_cast<std::size_t>(place.at - words);
  }
  s.stop = stop;
  if (place.to_before != 0) s.adjoints[(s.position - 1) / 2] += place.to_before;
}

void recording::reverse_watched(sweep& s) const {
  statement_plans plans;
  statement_walk walk;
  while (s.position > s.stop) {
    statement_at const at = before(s.position);
    s.position = at.begin;
    double const adjoint = std::exchange(s.adjoints[at.index / 2], 0.0);
    if (adjoint == 0 || at.code->operands == 0 || at.code->condition) continue;
    walk.evaluate(plans[at.number], at, nullptr);
    walk.accumulate(
        adjoint, [&](std::uint32_t index, dual const& part) { s.adjoints[index / 2] += part.value; },
        [&](int step, int operand, dual const& part) {
          if (std::isfinite(part.value)) return;
          throw error(fmt::format("ddx::detect_anomaly: the derivative of {} by operand {} times the adjoint is {}{}",
                                  call_text(*at.code->steps[step].op, walk.operands_of(step)), operand + 1,
                                  number_text(part.value), location_of(at.index)));
        });
  }
}

double const* recording::forward(std::size_t const* variables, double const* slopes, std::size_t variable_count,
                                 std::size_t high) {
  slopes_.grow(std::max(words_.size() / 2 + 1, slopes_.size()));
  double* const dots = slopes_.data();
  std::fill_n(dots, used / 2 + 1, 0.0);
  for (std::size_t i = 0; i < variable_count; ++i) dots[variables[i] / 2] += slopes[i];
  statement_plans plans;
  statement_walk walk;
  each_until(high, [&](statement_at const& at) {
    bool moves = false;
    for (std::uint32_t i = 0; i < at.code->operands; ++i) moves = moves || dots[at.operand(i) / 2] != 0;
    if (moves && !at.code->condition) dots[at.index / 2] += walk.evaluate(plans[at.number], at, dots).dot;
  });
  return dots;
}

dual const* recording::reverse_dual(std::size_t output, std::size_t low) {
  dual_adjoints_.assign(output / 2 + 1, dual{});
  dual_adjoints_[output / 2] = 1.0;
  statement_plans plans;
  statement_walk walk;
  for (std::size_t end = output + 1; end > low + 1;) {
    statement_at const at = before(end);
    end = at.begin;
    if (at.code->operands == 0 || at.code->condition || dual_adjoints_[at.index / 2] == dual{}) continue;
    walk.evaluate(plans[at.number], at, slopes_.data());
    walk.accumulate(
        dual_adjoints_[at.index / 2],
        [&](std::uint32_t variable, dual const& part) {
          dual& sum = dual_adjoints_[variable / 2];
          sum = {sum.value + part.value, sum.dot + part.dot};
        },
        [](int, int, dual const&) {});
  }
  return dual_adjoints_.data();
}

void recording::replay(double const* new_inputs, std::size_t input_count) {
  if (input_count != inputs_.size())
    throw error(
        fmt::format("ddx::tape::replay: the tape has {} inputs, but {} values are given", inputs_.size(), input_count));
  std::vector<double> old_inputs(input_count);
  for (std::size_t i = 0; i < input_count; ++i) old_inputs[i] = std::exchange(words[inputs_[i]], new_inputs[i]);
  sweep s{.words = words};
  replay_place place{words, 0};
  for (run const& next : runs()) {
    place = code_of(next.number).replay(s, place, next.count);
    if (!s.changed) continue;
    statement_at const at(words, next.number, static_cast<std::size_t>(place.at - words));
    std::string const call = comparison_text(at);
    for (std::size_t i = 0; i < input_count; ++i) words[inputs_[i]] = old_inputs[i];
    restore(at.begin);
    throw error(
        fmt::format("ddx::tape::replay: the program would go another way: {} was {} when it was recorded; record it "
                    "again for these "
                    "inputs",
                    call, words[at.index] != 0));
  }
}

/// Computes the statements before `end` again, from the inputs as they were.
void recording::restore(std::size_t end) {
  sweep s{.words = words, .checked = false};
  replay_place place{words, 0};
  for (run const& next : runs()) {
    if (place.at >= words + end) return;
    place = code_of(next.number).replay(s, place, next.count);
  }
}

}  // namespace ddx::detail
