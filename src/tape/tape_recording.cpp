// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Statements enter the memory of a tape; places on it, and the tapes of a thread, are kept here.
#include <ddx/error.hpp>
#include <ddx/tape/real.hpp>
#include <ddx/tape/recording.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <unordered_map>

#include "large_memory.hpp"
#include "tape_statement.hpp"

namespace ddx::detail {

namespace {

// A replay finds the inputs' new values in place and leaves constants as they are.
replay_place pass_forward(sweep&, replay_place place, std::size_t run, std::size_t stride) {
  double* const at = place.at + stride * run;
  return {at, (at - stride)[leaf_size - 1]};
}

constexpr statement_code input_statements{.replay = &pass_forward};
constexpr statement_code constant_statements{.replay = &pass_forward};

std::mutex registering;
std::uint32_t registered = 0;

/// A function's own, since statements are registered before this file is initialised.
std::unordered_map<statement_code const*, std::uint32_t>& numbers_of_codes() {
  static std::unordered_map<statement_code const*, std::uint32_t> numbers;
  return numbers;
}

std::uint32_t append_code(statement_code const& code) {
  std::size_t const place = registered / code_block_size;
  if (place == code_block_count)
    throw error("ddx::tape: a program has at most 4194304 kinds of statements; write long expressions in parts");
  if (registered % code_block_size == 0) code_blocks[place].store(new code_block{}, std::memory_order_release);
  (*code_blocks[place].load(std::memory_order_relaxed))[registered % code_block_size] = &code;
  return registered++;
}

/// Called under the lock, once: the numbers below those of statements.
void register_leaves() {
  append_code(input_statements);  // 0 is what no statement has
  append_code(input_statements);
  append_code(constant_statements);
}

constexpr std::uint32_t tags_at_once = 256;
std::atomic<std::uint32_t> next_tags = tags_at_once;  // 0 is a double's, 1 that of no tape

/// Tags are told apart until 4 billion tapes later. A thread takes many at once: each round trip to the counter costs 5
/// ns.
std::uint64_t next_tag() {
  thread_local constinit std::uint32_t tag = 0;
  if (tag % tags_at_once == 0) {
    do tag = next_tags.fetch_add(tags_at_once, std::memory_order_relaxed);
    while (tag == 0);
  }
  return std::uint64_t{tag++} << 32;
}

[[noreturn]] void refuse() {
  throw error(
      "ddx::real: a number is used that was recorded on another tape, or on this one before it was reset or rewound; "
      "make it again "
      "with tape.input, or take its value()");
}

constinit statement_stream no_tape;
thread_local constinit recording* top = nullptr;
thread_local constinit int watchers = 0;

constexpr std::size_t first_room = 512;
constexpr std::size_t most_words = std::numeric_limits<std::uint32_t>::max();

void make_current() { current_stream = top != nullptr ? static_cast<statement_stream*>(top) : &no_tape; }

/// Deletes the tapes of this thread that another one has closed.
void sweep_closed() {
  for (recording** link = &top; *link != nullptr;) {
    recording* const here = *link;
    if (here->closed.load(std::memory_order_acquire)) {
      *link = here->below;
      delete here;
    } else {
      link = &here->below;
    }
  }
}

}  // namespace

thread_local constinit statement_stream* current_stream = &no_tape;
statement_stream*& place_of_current() noexcept { return current_stream; }
constinit std::array<std::atomic<code_block*>, code_block_count> code_blocks{};

void* grown(void* memory, std::size_t size, std::size_t wanted) {
  if (wanted < 2 * large_page) {
    void* const result = std::realloc(memory, wanted);
    if (result == nullptr) throw std::bad_alloc();
    return result;
  }
  void* const result = std::aligned_alloc(large_page, (wanted + large_page - 1) / large_page * large_page);
  if (result == nullptr) throw std::bad_alloc();
  ask_for_large_pages(result, wanted);
  if (memory != nullptr) std::memcpy(result, memory, size);
  std::free(memory);
  return result;
}

std::uint32_t register_code(statement_code const& code) {
  std::lock_guard const lock(registering);
  if (registered == 0) register_leaves();
  auto const [known, fresh] = numbers_of_codes().try_emplace(&code, registered);
  if (fresh) append_code(code);
  return known->second;
}

statement_at::statement_at(double const* tape, std::uint32_t code_number, std::size_t first)
    : code(&code_of(code_number)),
      number(code_number),
      words(tape),
      constants(tape + first),
      begin(first),
      index(first + code->size() - 1),
      halves_(reinterpret_cast<std::uint32_t const*>(tape + first + code->constants)) {}

real statement_stream::record_with_care(statement_code const& code, std::uint32_t number, real const* numbers,
                                        double const* literals, double value, std::source_location where) {
  if (this == &no_tape)
    throw error(
        "ddx::real: a number of a tape is used where no tape records: its tape is gone, or belongs to another thread; "
        "take its "
        "value()");
  auto& self = static_cast<recording&>(*this);
  real const* const last = numbers + code.operands;
  std::size_t leaves = 0;
  for (real const* x = numbers; x != last; ++x) {
    if (!x->recorded()) leaves += leaf_size;
    else if ((x->at() ^ tag) >= used && !self.owned_before(*x)) refuse();
  }
  std::size_t const size = code.size();
  if (used + leaves + size > limit) self.prepare(leaves + size);
  double* at = words + used;
  auto const constant = [&](double it) {
    reinterpret_cast<std::uint32_t*>(at)[1] = constant_code;
    at[1] = it;
    at += leaf_size;
    return static_cast<std::uint32_t>(at - words - 1);
  };
  // Numbers that are not recorded become constants of their own before the statement.
  auto* half = reinterpret_cast<std::uint32_t*>(at + leaves + code.constants);
  for (real const* x = numbers; x != last; ++x) *half++ = x->recorded() ? x->index() : constant(x->value());
  std::copy_n(literals, code.constants, at);
  reinterpret_cast<std::uint32_t*>(at + size - 1)[-1] = number != 0 ? number : register_code(code);
  at[size - 1] = value;
  used += leaves + size;
  if (limit == 0) self.inspect(where);
  return {value, real::place{tag | (used - 1)}};
}

/// Makes room for a statement and for constants among its operands.
void recording::prepare(std::size_t size) {
  std::size_t const needed = used + size;
  if (needed > most_words)
    throw error(
        "ddx::tape: a tape holds at most 4294967295 words, 34 GB; use checkpoints: rewind to a mark and record the "
        "parts again");
  if (needed > words_.size()) words_.grow(std::min(std::max({2 * words_.size(), needed, first_room}), most_words));
  watch(watchers > 0);
}

/// Takes the last statement back where its value is a NaN or an infinity, and says so.
void recording::inspect(std::source_location where) {
  locations_.emplace_back(used - 1, where);
  if (std::isfinite(words[used - 1])) return;
  statement_at const at = before(used);
  std::string const sentence = "ddx::detect_anomaly: " + fault_in(at) + location_of(at.index);
  locations_.pop_back();
  used = at.begin;
  throw error(sentence);
}

recording::recording() { tag = next_tag(); }

/// Whether it is a number with a tag from before a rewind that is still one of this tape.
bool recording::owned_before(real const& number) const {
  std::uint64_t const tag_of_it = number.at() - number.index();
  std::size_t const index = number.index();
  return std::any_of(epochs_.begin(), epochs_.end(),
                     [&](epoch const& e) { return e.tag == tag_of_it && index >= e.begin && index < e.end; });
}

statement_at recording::before(std::size_t end) const {
  std::uint32_t const number = number_before(words + end);
  return {words, number, end - code_of(number).size()};
}

void recording::rewind(mark const& to, char const* caller) {
  auto const known = std::find_if(epochs_.begin(), epochs_.end(), [&](epoch const& e) { return e.tag == to.tag; });
  bool const valid = to.tag == tag ? to.used <= used : known != epochs_.end() && to.used <= known->end;
  if (!valid)
    throw error(std::string(caller) +
                ": the mark was made on another tape, or on a part that was rewound or reset since");
  epochs_.push_back({tag, begin_, used});
  for (epoch& e : epochs_) e.end = std::min(e.end, to.used);
  std::erase_if(epochs_, [](epoch const& e) { return e.begin >= e.end; });
  tag = next_tag();
  begin_ = used = to.used;
  leading_ = std::min(leading_, used);
  inputs_.resize(to.inputs - leading_ / leaf_size);
  runs_end_ = 0;
  while (!locations_.empty() && locations_.back().first >= used) locations_.pop_back();
}

void recording::reset() {
  tag = next_tag();
  epochs_.clear();
  locations_.clear();
  inputs_.clear();
  begin_ = used = leading_ = runs_end_ = 0;
}

void recording::watch(bool on) {
  words = words_.data();
  limit = on ? 0 : words_.size();
}

std::string recording::location_of(std::size_t index) const {
  auto at = std::upper_bound(locations_.begin(), locations_.end(), index,
                             [](std::size_t wanted, auto const& kept) { return wanted < kept.first; });
  while (at != locations_.begin()) {
    --at;
    std::source_location const& where = at->second;
    if (where.line() != 0) return place_text(where, at->first == index ? "at" : "after");
  }
  return "";
}

std::vector<recording::run> const& recording::runs() const {
  if (runs_end_ == used && used != 0) return runs_;
  runs_.clear();
  replays_ = 0;
  steered_ = false;
  std::uint32_t last = 0;
  std::size_t size = 0;
  for (std::size_t end = used; end > 0; end -= size) {
    std::uint32_t const number = number_before(words + end);
    if (number != last) {
      size = code_of(number).size();
      steered_ = steered_ || code_of(number).condition;
      last = number;
      runs_.push_back({number, 0, static_cast<std::uint32_t>(size)});
    }
    ++runs_.back().count;
  }
  std::reverse(runs_.begin(), runs_.end());
  runs_end_ = used;
  return runs_;
}

std::size_t recording::reserved_bytes() const {
  return (words_.size() + slopes_.size() + adjoints_.size()) * sizeof(double) +
         dual_adjoints_.capacity() * sizeof(dual) + old_inputs_.capacity() * sizeof(double) +
         inputs_.capacity() * sizeof(std::uint32_t) + runs_.capacity() * sizeof(run) +
         repetitions_.capacity() * sizeof(repetition);
}

recording* open_recording() {
  sweep_closed();
  auto* const opened = new recording;
  opened->home = &top;
  opened->below = top;
  top = opened;
  make_current();
  return opened;
}

void close_recording(recording* closed) noexcept {
  if (closed->home != &top) {
    // Its thread may be recording on it: that thread deletes it when it opens or closes a tape again.
    closed->closed.store(true, std::memory_order_release);
    return;
  }
  for (recording** link = &top; *link != nullptr; link = &(*link)->below)
    if (*link == closed) {
      *link = closed->below;
      break;
    }
  delete closed;
  sweep_closed();
  make_current();
}

void watch_more(int change) {
  watchers += change;
  for (recording* at = top; at != nullptr; at = at->below) at->watch(watchers > 0);
}

}  // namespace ddx::detail
