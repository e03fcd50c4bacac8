// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A race enters; its contenders checked, their times round by round, leave.
#include "run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>
#include <random>

#include "../roof/roof.hpp"
#include "machine.hpp"
#include "statistics.hpp"

namespace bench {

namespace {

using nlohmann::json;

/// What is wrong with an outcome; empty where nothing is.
std::string difference(race const& r, std::vector<double> const& found) {
  if (found.size() != r.expected.size())
    return fmt::format("{} numbers instead of {}", found.size(), r.expected.size());
  double squares = 0;
  for (std::size_t i = 1; i < r.expected.size(); ++i) squares += r.expected[i] * r.expected[i];
  double const typical = r.expected.size() < 2 ? 0 : std::sqrt(squares / static_cast<double>(r.expected.size() - 1));
  for (std::size_t i = 0; i < found.size(); ++i) {
    double const allowed = r.tolerance * (std::abs(r.expected[i]) + typical);
    if (!(std::abs(found[i] - r.expected[i]) <= allowed))
      return fmt::format("number {} is {} instead of {}", i, found[i], r.expected[i]);
  }
  return "";
}

/// Processor seconds of all threads: what others do on the machine in the meantime is not counted.
double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Processor seconds for `calls` calls, in parts where the state must be put back; seconds of the clock where threads are wanted.
double time_of(race const& r, contender const& c, std::int64_t calls) {
  auto const seconds = [&] { return r.threads ? roof::now() : processor_seconds(); };
  double total = 0;
  while (calls > 0) {
    std::int64_t const now = std::min(calls, r.calls_at_most);
    if (c.prepare) c.prepare();
    double const begin = seconds();
    c.run(now);
    total += seconds() - begin;
    calls -= now;
  }
  return total;
}

struct entrant {
  contender const* who;
  std::string name;
  std::int64_t calls = 1;
  int rounds = 1;
  std::vector<double> times{};  // seconds a call; NaN in rounds that were left out
};

}  // namespace

json run(race& r, settings const& s) {
  bystanders const others;
  double const slot = r.threads ? std::max(s.slot, 0.1) : s.slot;  // sleeping threads take some milliseconds to come
  json result{{"suite", r.suite}, {"name", r.name}, {"unit", r.unit}, {"divided_by", r.divided_by}};
  for (absence const& a : r.absent) result["absent"].push_back({{"name", a.name}, {"reason", a.reason}});
  std::vector<entrant> entrants;
  for (contender const& c : r.contenders) {
    try {
      if (c.prepare) c.prepare();
      for (int i = 0; i < r.checked_calls; ++i) c.run(1);
    } catch (std::exception const& e) {  // such as threads where the library was built without
      result["absent"].push_back({{"name", c.name}, {"reason", e.what()}});
      continue;
    }
    if (c.outcome)
      if (std::string const wrong = difference(r, c.outcome()); !wrong.empty()) {
        result["wrong"].push_back({{"name", c.name}, {"difference", wrong}});
        continue;
      }
    entrants.push_back({&c, c.name});
  }
  if (entrants.empty()) return result;
  std::size_t base = 0;
  for (std::size_t i = 0; i < entrants.size(); ++i)
    if (entrants[i].name == r.baseline) base = i;
  result["baseline"] = entrants[base].name;
  entrants.push_back({entrants[base].who, entrants[base].name + ", again"});

  for (entrant& e : entrants) {  // how many calls fill a slot
    double seconds = time_of(r, *e.who, 1);
    while (seconds < 0.25 * slot) {
      e.calls *= seconds < 0.02 * slot ? 8 : 2;
      seconds = time_of(r, *e.who, e.calls);
    }
    e.calls = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(e.calls) * slot / seconds));
    double const round = std::max(slot, seconds);
    e.rounds = std::clamp(static_cast<int>(s.limit / round), 3, s.rounds);
  }
  std::mt19937 random(1);
  std::vector<std::size_t> order(entrants.size());
  std::iota(order.begin(), order.end(), 0);
  double const clock_before = roof::clock_frequency();
  for (int round = 0; round < s.rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t i : order) {
      entrant& e = entrants[i];
      if (round >= e.rounds) {
        e.times.push_back(std::nan(""));
        continue;
      }
      if (e.calls > 1)
        time_of(r, *e.who, std::max<std::int64_t>(1, e.calls / (r.threads ? 4 : 16)));  // caches, predictors
      e.times.push_back(time_of(r, *e.who, e.calls) / static_cast<double>(e.calls));
    }
  }
  double const clock_after = roof::clock_frequency();

  auto const timed = [](std::vector<double> values) {
    std::erase_if(values, [](double v) { return std::isnan(v); });
    return values;
  };
  auto const least = [](std::vector<double> const& values) { return *std::min_element(values.begin(), values.end()); };
  for (entrant const& e : entrants) {
    std::vector<double> const times = timed(e.times);
    interval const ratio = median_interval(timed(ratios(e.times, entrants[base].times)));
    result["contenders"].push_back({{"name", e.name},
                                    {"note", e.who->note},
                                    {"seconds", median(times)},
                                    {"least", least(times)},
                                    {"quartiles", {quantile(times, 0.25), quantile(times, 0.75)}},
                                    {"ratio", ratio.middle},
                                    {"ratio_least", least(times) / least(timed(entrants[base].times))},
                                    {"ratio_interval", {ratio.low, ratio.high}},
                                    {"calls", e.calls},
                                    {"times", times}});
  }
  double const control = result["contenders"].back()["ratio"];
  result["control"] = control;
  result["busy"] = std::abs(control - 1) > 0.1;
  result["others"] = others.processors();
  result["ghz"] = {clock_before, clock_after};
  if (r.least.bytes > 0) {
    auto const footprint = static_cast<std::size_t>(std::max(r.least.footprint, 1024.0));
    double const bandwidth = r.least.in_place ? roof::in_place_bandwidth(footprint) : roof::read_bandwidth(footprint);
    double const avx2 = roof::fma_peak_avx2(r.least.single);
    double const memory = r.least.bytes / bandwidth, arithmetic = r.least.flops / avx2;
    result["roof"] = {{"flops", r.least.flops},
                      {"bytes", r.least.bytes},
                      {"footprint", r.least.footprint},
                      {"bandwidth", bandwidth},
                      {"peak", avx2},
                      {"in_place", r.least.in_place},
                      {"single", r.least.single},
                      {"seconds", std::max(memory, arithmetic)},
                      {"binds", memory > arithmetic ? "memory" : "arithmetic"}};
    for (json& c : result["contenders"]) c["of_roof"] = std::max(memory, arithmetic) / c["seconds"].get<double>();
  }
  return result;
}

std::string table(json const& result) {
  std::string text = fmt::format("{} · {}", result["suite"].get<std::string>(), result["name"].get<std::string>());
  if (result.value("busy", false))
    text += fmt::format("   BUSY: the same contender twice differs by {:.0f}%",
                        100 * std::abs(result["control"].get<double>() - 1));
  text += '\n';
  double const items = result["divided_by"];
  for (json const& c : result.value("contenders", json::array())) {
    text += fmt::format("  {:34} median {:>12.2f} ns   least {:>12.2f} ns   {:8.3f} [{:.3f}, {:.3f}]",
                        c["name"].get<std::string>(), 1e9 * c["seconds"].get<double>() / items,
                        1e9 * c["least"].get<double>() / items, c["ratio"].get<double>(),
                        c["ratio_interval"][0].get<double>(), c["ratio_interval"][1].get<double>());
    if (c.contains("of_roof"))
      text += fmt::format("   {:3.0f}% of {}", 100 * c["of_roof"].get<double>(),
                          result["roof"]["binds"].get<std::string>());
    text += '\n';
  }
  for (json const& c : result.value("wrong", json::array()))
    text += fmt::format("  {:34} WRONG: {}\n", c["name"].get<std::string>(), c["difference"].get<std::string>());
  for (json const& c : result.value("absent", json::array()))
    text += fmt::format("  {:34} -: {}\n", c["name"].get<std::string>(), c["reason"].get<std::string>());
  return text;
}

}  // namespace bench
