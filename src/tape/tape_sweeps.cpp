// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A recording and seeds enter; adjoints, slopes and new values of its variables leave. All sweeps are loops over
// contiguous memory.
#include <ddx/error.hpp>
#include <ddx/tape/real.hpp>
#include <ddx/tape/recording.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Goes back over statements until one begins at `s.stop` or before it.
DDX_INLINE reverse_place reverse_stretch(sweep const& s, reverse_place place) {
  double const* const end = s.words + s.stop;
  while (place.at > end) {
    std::uint32_t const number = number_before(place.at);
    if (number <= constant_code) {  // inputs, of which there may be more than of other statements, without a call each
      s.adjoints[static_cast<std::size_t>(place.at - s.words - 1) / 2] = 0;
      place = {place.at - leaf_size, 0};
    } else {
      place = code_of(number).reverse(s, place);
    }
  }
  return place;
}

/// The same over more than the caches hold, but for the last stretch.
reverse_place reverse_far(sweep& s, reverse_place place) {
  std::size_t const stop = s.stop;
  for (; s.position > stop + stretch; s.position = static_cast<std::size_t>(place.at - s.words)) {
    foresee(s);
    s.stop = s.position - stretch;
    place = reverse_stretch(s, place);
  }
  s.stop = stop;
  return place;
}

}  // namespace

/// Room for the adjoints of all variables, all 0.
DDX_INLINE double* recording::clear_adjoints() {
  std::size_t const needed = used / 2 + 1;
  if (clear_ < needed) {
    if (needed > adjoints_.size()) adjoints_.grow(words_.size() / 2 + 1);
    std::fill_n(adjoints_.data() + clear_, needed - clear_, 0.0);
    clear_ = needed;
  }
  return adjoints_.data();
}

// Statements take their adjoint away when they hand it on, so the next sweep finds zeros: filling the whole array each
// time took a fifth of the time of a sweep. The adjoints asked for are read when the sweep arrives there.
void recording::reverse(std::span<std::size_t const> outputs, std::span<double const> seeds, std::span<real const> by,
                        bool leading, double* result) {
  sweep s{.words = words, .adjoints = clear_adjoints()};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    s.adjoints[outputs[i] / 2] += seeds[i];
    s.position = std::max(s.position, outputs[i] + 1);
  }
  std::size_t const clear = std::exchange(clear_, 0);
  // Of inputs that stand before all else, what contributes to one has contributed to all.
  if (leading) {
    s.stop = leading_;
    reverse_to(s);
    s.position = std::max(s.position, leading_) - 1;
    for (real const& number : by) *result++ = s.adjoints[number.index() / 2];
  } else {
    reverse_to_each(s, by, result);
  }
  std::fill_n(s.adjoints, s.position / 2 + 1, 0.0);
  clear_ = clear;
}

void recording::reverse_to_leaders(std::size_t output, double* result) {
  sweep s{.words = words, .adjoints = clear_adjoints(), .position = output + 1, .stop = leading_};
  s.adjoints[output / 2] = 1;
  std::size_t const clear = std::exchange(clear_, 0);
  if (limit == 0 || s.position > s.stop + beyond_caches) {
    reverse_to(s);
  } else {
    reverse_place const place = reverse_stretch(s, {words + s.position, 0});
    if (place.to_before != 0) s.adjoints[(place.at - words - 1) / 2] += place.to_before;
  }
  std::size_t const leaders = leading_ / leaf_size;
  auto const take = [&](std::size_t i) { return std::exchange(s.adjoints[i], 0.0); };
  if (leaders < 16) {  // one by one: a vector would wait until what was written just now has reached the cache
    for (std::size_t i = 0; i < leaders; ++i) result[i] = rounded(take(i));
  } else {
    for (std::size_t i = 0; i < leaders; ++i) result[i] = take(i);
  }
  clear_ = clear;
}

void recording::reverse_to_each(sweep& s, std::span<real const> by, double* result) {
  auto const later = [&](std::size_t left, std::size_t right) { return by[left].index() > by[right].index(); };
  order_.resize(by.size());
  std::iota(order_.rbegin(), order_.rend(), std::size_t{0});
  if (!std::is_sorted(order_.begin(), order_.end(), later)) std::sort(order_.begin(), order_.end(), later);
  for (std::size_t place : order_) {
    s.stop = by[place].index() + 1;
    reverse_to(s);
    result[place] = s.adjoints[by[place].index() / 2];
  }
}

void recording::reverse_to(sweep& s) const {
  if (limit == 0) reverse_watched(s);
  if (s.position <= s.stop) return;
  reverse_place place{words + s.position, 0};
  if (s.position - s.stop > beyond_caches) place = reverse_far(s, place);
  place = reverse_stretch(s, place);
  s.position = static_cast<std::size_t>(place.at - words);
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

/// Puts the values of all inputs to `old`, where that is not null, and new ones in their places.
void recording::exchange_inputs(double const* values, double* old) {
  std::size_t const leaders = leading_ / leaf_size;
  auto const each_place = [&](auto const& put) {
    for (std::size_t i = 0; i < leaders; ++i) put(words[leaf_size * i + 1], i);
    for (std::size_t i = 0; i < inputs_.size(); ++i) put(words[inputs_[i]], leaders + i);
  };
  if (old == nullptr) each_place([&](double& to, std::size_t i) { to = values[i]; });
  else each_place([&](double& to, std::size_t i) { old[i] = std::exchange(to, values[i]); });
}

void recording::replay(double const* new_inputs, std::size_t input_count) {
  if (input_count != this->input_count())
    throw error(fmt::format("ddx::tape::replay: the tape has {} inputs, but {} values are given", this->input_count(),
                            input_count));
  std::vector<run> const& all = runs();
  if (replays_ < 2 && ++replays_ == 2) find_repetitions();
  if (steered_) old_inputs_.resize(input_count);
  exchange_inputs(new_inputs, steered_ ? old_inputs_.data() : nullptr);
  sweep s{.words = words};
  replay_place place{words, 0};
  std::size_t i = 0;
  auto const replay_until = [&](std::size_t end) {
    for (; i < end; ++i) {
      run const& next = all[i];
      place = code_of(next.number).replay(s, place, next.count, next.size);
      if (s.changed) refuse_replay(static_cast<std::size_t>(place.at - words), next.number);
    }
  };
  if (replays_ == 2)
    for (repetition const& repeated : repetitions_) {
      replay_until(repeated.first);
      place = replay_repeated(s, place, repeated);
      i += repeated.period * repeated.times;
    }
  replay_until(all.size());
}

/// A comparison came out otherwise: takes all back that was computed and says so.
void recording::refuse_replay(std::size_t begin, std::uint32_t number) {
  statement_at const at(words, number, begin);
  std::string const call = comparison_text(at);
  exchange_inputs(old_inputs_.data(), old_inputs_.data());
  restore(begin);
  throw error(
      fmt::format("ddx::tape::replay: the program would go another way: {} was {} when it was recorded; record it "
                  "again for these "
                  "inputs",
                  call, words[at.index] != 0));
}

/// Computes the statements before `end` again, from the inputs as they were.
void recording::restore(std::size_t end) {
  sweep s{.words = words, .checked = false};
  replay_place place{words, 0};
  for (run const& next : runs()) {
    if (place.at >= words + end) return;
    place = code_of(next.number).replay(s, place, next.count, next.size);
  }
}

// The runs of a loop's body, mostly of one statement each: a call for each of them took twice the time of the loop itself.
// Computed one after another over many times the body makes a call for all of them, and sums wait in registers.
void recording::find_repetitions() {
  repetitions_.clear();
  constexpr std::size_t longest_period = 16, nowhere = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> last_of_number;
  std::size_t first = 0, begin = 0, period = 0, position = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    run const& at = runs_[i];
    if (at.number >= last_of_number.size()) last_of_number.resize(at.number + 1, nowhere);
    std::size_t& last = last_of_number[at.number];
    auto const same = [&](run const& other) { return other.number == at.number && other.count == at.count; };
    if (period == 0 || !same(runs_[i - period])) {
      if (period != 0) keep_repetition(begin, {first, period, (i - first) / period, false});
      period = last != nowhere && i - last <= longest_period && same(runs_[last]) ? i - last : 0;
      first = i;
      begin = position;
    }
    last = i;
    position += std::size_t{at.size} * at.count;
  }
  if (period != 0) keep_repetition(begin, {first, period, (runs_.size() - first) / period, false});
}

/// Keeps what was found where it is worth it, from the run on from which none reads what comes after it in the body.
void recording::keep_repetition(std::size_t begin, repetition found) {
  constexpr std::size_t fewest_times = 8, longest_runs = 4;
  constexpr std::size_t fewest_across = 64, widest = 512;  // rows at once, and their words
  std::size_t const first = found.first, period = found.period, times = found.times;
  if (times < fewest_times) return;
  std::vector<std::size_t> run_of_word;
  std::size_t statements = 0;
  for (std::size_t k = 0; k < period; ++k) {
    run const& at = runs_[first + k];
    if (code_of(at.number).condition) return;  // must be met in the program's order
    statements += at.count;
    run_of_word.resize(run_of_word.size() + std::size_t{at.size} * at.count, k);
  }
  bool const few = statements <= longest_runs * period;
  if (!few && (times < fewest_across || run_of_word.size() > widest)) return;
  bool across = !few;                              // whether no run reads what it has computed the time before
  std::vector<std::size_t> reads_back(period, 0);  // how many runs at most, but for whole periods
  std::size_t at = begin;
  for (std::size_t i = 0; i < period * times; ++i) {
    run const& from = runs_[first + i];
    std::size_t const k = i % period, own = at;
    for (std::uint32_t statement = 0; statement < from.count; ++statement, at += from.size) {
      statement_at const reading(words, from.number, at);
      for (std::uint32_t operand = 0; operand < reading.code->operands; ++operand) {
        std::size_t const read = reading.operand(operand);
        if (read < begin) continue;
        std::size_t const written = run_of_word[(read - begin) % run_of_word.size()];
        if (from.count > 1 && written == k && read < own) across = false;
        reads_back[k] = std::max(reads_back[k], (k + period - written) % period);
      }
    }
  }
  if (!few && !across) return;
  for (std::size_t start = 0; start < period; ++start) {
    bool forward = true;
    for (std::size_t k = 0; k < period; ++k) forward = forward && (k + period - start) % period >= reads_back[k];
    if (!forward) continue;
    repetitions_.push_back({first + start, period, start == 0 ? times : times - 1, across});
    return;
  }
}

/// Computes each run of the body over many times, as many as the first cache holds.
/// Rows of many statements are computed across: each of their statements over all rows, since along a row each waits for
/// the one before it.
replay_place recording::replay_repeated(sweep& s, replay_place place, repetition const& repeated) const {
  constexpr std::size_t words_at_once = 2048;
  std::span<run const> const body(runs_.data() + repeated.first, repeated.period);
  std::size_t stride = 0;
  for (run const& of : body) stride += std::size_t{of.size} * of.count;
  std::size_t const at_once = std::max(words_at_once / stride + 1, repeated.across ? std::size_t{64} : 1);
  for (std::size_t left = repeated.times; left != 0;) {
    std::size_t const times = std::min(left, at_once);
    double* at = place.at;
    for (run const& of : body) {
      auto const replay = code_of(of.number).replay;
      if (of.count == 1 || repeated.across) {
        for (std::uint32_t i = 0; i < of.count; ++i) {
          double* const begin = at + std::size_t{i} * of.size;
          double* const before = begin + of.size - 1;
          replay(s, {begin, static_cast<std::size_t>(before - words) < stride ? 0 : *(before - stride)}, times, stride);
        }
      } else {
        for (std::size_t i = 0; i < times; ++i) {
          double* const begin = at + i * stride;
          replay(s, {begin, begin == words ? 0 : begin[-1]}, of.count, of.size);
        }
      }
      at += std::size_t{of.size} * of.count;
    }
    place.at += times * stride;
    left -= times;
  }
  return {place.at, place.at[-1]};
}

}  // namespace ddx::detail
