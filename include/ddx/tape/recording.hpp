// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The storage of a tape: statements (a kernel, the variables and constants it reads, its value) enter in the order of
// the program and leave in that order or in the reverse one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../primitive/primitive.hpp"
#include "number.hpp"

namespace ddx {

class real;

}  // namespace ddx

namespace ddx::detail {

/// A statement in postfix: leaves, constants and applied records.
struct statement_step {
  enum class kind : std::uint8_t { variable, constant, apply };
  kind what = kind::variable;
  primitive const* op = nullptr;
  numeric_rules const* own = nullptr;  ///< null for the library's records, whose rules the compiled library has
};

struct sweep;

/// Where a reverse sweep is, in two registers: the end of the next statement, and what goes to its adjoint besides what
/// memory has.
struct reverse_place {
  double const* at;
  double to_before;
};

/// Where a replay is, in two registers: the beginning of the next statement, and the value of the one that was computed
/// before it.
struct replay_place {
  double* at;
  double before;
};

/// The code of a kind of statement: of all statements whose expressions have the same type.
struct statement_code {
  /// Computes the values of a run of statements of this kind that begin `stride` words apart, forward, up to a comparison
  /// that comes out otherwise.
  replay_place (*replay)(sweep&, replay_place, std::size_t run, std::size_t stride) = nullptr;
  /// Hands the adjoints of a run on to its operands, backward.
  reverse_place (*reverse)(sweep const&, reverse_place) = nullptr;
  statement_step const* steps = nullptr;
  int step_count = 0;
  std::uint32_t operands = 0;   ///< how many variables a statement reads
  std::uint32_t constants = 0;  ///< how many constants
  bool condition = false;       ///< a comparison: its value is the outcome, which a replay must meet again
  bool follows = false;         ///< the first variable it reads is the statement before, and is not written down

  /// The words of a statement: constants, then variables and the number of the code in halves of words, then the value.
  static constexpr std::uint32_t size(std::uint32_t operands, std::uint32_t constants) {
    return constants + (operands + 2) / 2 + 1;
  }
  constexpr std::uint32_t size() const { return size(operands - (follows ? 1u : 0u), constants); }
};

/// The number of the code of the statement that ends before `end`.
DDX_INLINE std::uint32_t number_before(double const* end) {
  return reinterpret_cast<std::uint32_t const*>(end - 1)[-1];
}

/// A pass over a part of the tape; a code takes it on by a run of statements.
struct sweep {
  double* words = nullptr;
  double* adjoints = nullptr;
  std::size_t position = 0;  ///< backward: where the next statement ends
  std::size_t stop = 0;      ///< backward: where the last one begins
  bool checked = true;       ///< forward: whether comparisons must come out as they did
  bool changed = false;      ///< forward: one did not
};

/// The number of a code, from 1 on.
std::uint32_t register_code(statement_code const& code);

/// Codes by number: blocks that never move, so that sweeps read them without a lock.
inline constexpr std::size_t code_block_size = 1024, code_block_count = 4096;
using code_block = std::array<statement_code const*, code_block_size>;
extern std::array<std::atomic<code_block*>, code_block_count> code_blocks;

inline statement_code const& code_of(std::uint32_t number) {
  return *(*code_blocks[number / code_block_size].load(std::memory_order_acquire))[number % code_block_size];
}

/// Inputs and constants have a number and a value, and no code but this.
inline constexpr std::uint32_t input_code = 1, constant_code = 2;
inline constexpr std::uint32_t leaf_size = statement_code::size(0, 0);

/// What the code of a statement needs of the tape, and nothing else. One stream of words and one counter: three streams
/// with a counter each took 1.7 times as long to record (g++ 12, z += c * w). A variable is the place of its
/// statement's value in the stream. Values are two words apart at least, so what a sweep keeps for each variable has
/// half as many places.
struct statement_stream {
  double* words = nullptr;
  std::size_t used = 0;
  std::size_t limit = 0;  ///< of `used`; 0 where each statement must be looked at
  std::uint64_t tag =
      1ull << 32;  ///< the upper half of the places of numbers recorded now, and of no others; 1 is no tape's

  /// A statement without operands, where there is room; the place of its value.
  DDX_INLINE std::uint32_t push(std::uint32_t number, double value);

  /// Records what cannot be recorded at once: the first statements of a program, one that needs room, one with
  /// constants or numbers from before a rewind among its operands, or one that is looked at. Throws error where a
  /// number is of another tape.
  /// `number` is the code's, or 0 where it has none yet.
  real record_with_care(statement_code const& code, std::uint32_t number, real const* numbers, double const* literals,
                        double value, std::source_location where);
};

/// The tape that records on this thread; one that refuses everything where there is none.
extern thread_local constinit statement_stream* current_stream;

/// Where `current_stream` is. In a shared library each access to a variable of the thread is a call that compilers leave in loops, half of
/// the time of recording a sum (g++ 12); the call of a function that is said to have no effects they take out.
#if defined(__GNUC__)
[[gnu::const]]
#endif
statement_stream*& place_of_current() noexcept;
#if defined(__PIC__) && !defined(__PIE__)
DDX_INLINE statement_stream& recording_now() { return *place_of_current(); }
#else
DDX_INLINE statement_stream& recording_now() { return *current_stream; }
#endif

/// Memory of `wanted` bytes that begins with the `size` bytes of another, which may be null and ends. Throws std::bad_alloc.
void* grown(void* memory, std::size_t size, std::size_t wanted);

/// Trivial elements without initialisation: std::vector writes zeros that would be overwritten, twice the traffic of
/// recording.
template <class Element>
class raw_buffer {
 public:
  raw_buffer() = default;
  raw_buffer(raw_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  raw_buffer& operator=(raw_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~raw_buffer() { std::free(data_); }

  void grow(std::size_t size) {
    if (size <= size_) return;
    data_ = static_cast<Element*>(grown(data_, size_ * sizeof(Element), size * sizeof(Element)));
    size_ = size;
  }
  Element* data() { return data_; }
  Element const* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  Element* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A place on the tape.
struct mark {
  std::size_t used = 0;
  std::size_t inputs = 0;
  std::uint64_t tag = 0;
};

/// A statement on the tape.
struct statement_at {
  statement_code const* code = nullptr;
  std::uint32_t number = 0;
  double const* words = nullptr;  ///< of the tape: the values of variables
  double const* constants = nullptr;
  std::size_t begin = 0;
  std::size_t index = 0;  ///< of its value

  statement_at(double const* tape, std::uint32_t code_number, std::size_t first);
  /// A variable that it reads, from 0 on.
  std::uint32_t operand(std::uint32_t i) const {
    if (!code->follows) return halves_[i];
    return i == 0 ? static_cast<std::uint32_t>(begin - 1) : halves_[i - 1];
  }

 private:
  std::uint32_t const* halves_ = nullptr;
};

/// A tape: the stream, its memory and the work space of its sweeps. What goes wrong leaves it as it was.
class recording : public statement_stream {
 public:
  recording();
  recording(recording const&) = delete;
  recording& operator=(recording const&) = delete;

  inline real input(double value);
  mark here() const { return {used, input_count(), tag}; }
  void rewind(mark const& to, char const* caller);
  void reset();

  /// Whether a number is one of this tape now.
  inline bool owns(real const& number) const;
  bool owned_before(real const& number) const;
  /// Whether a variable is among the inputs that were made before anything else, as mostly all inputs are.
  bool leads(std::size_t variable) const { return variable < leading_; }
  /// Whether numbers are just these, in order, as mostly all inputs are asked for.
  inline bool are_leaders(std::span<real const> numbers) const;

  /// The statement that ends where the next one begins.
  statement_at before(std::size_t end) const;
  /// Calls look(statement) for all that begin before `end`, forward.
  template <class Look>
  void each_until(std::size_t end, Look const& look) const;

  /// The adjoints of the variables `by`, in any order, for seeds at outputs, all of them numbers that it owns; `leading`
  /// tells whether they lead.
  void reverse(std::span<std::size_t const> outputs, std::span<double const> seeds, std::span<real const> by,
               bool leading, double* result);

  /// The same by the inputs that lead, for one output: what a small tape takes a third longer for in general.
  void reverse_to_leaders(std::size_t output, double* result);

  /// Slopes of all variables up to `high` for slopes of some; valid until the next sweep.
  double const* forward(std::size_t const* variables, double const* slopes, std::size_t variable_count,
                        std::size_t high);

  /// The adjoints' slopes for the slopes that the last forward sweep left: forward over reverse.
  dual const* reverse_dual(std::size_t output, std::size_t low);

  void replay(double const* inputs, std::size_t input_count);

  std::size_t input_count() const { return leading_ / leaf_size + inputs_.size(); }
  std::size_t bytes() const { return used * sizeof(double) + inputs_.size() * sizeof(std::uint32_t); }
  std::size_t reserved_bytes() const;
  /// Looks at each statement from now on, or no longer.
  void watch(bool on);

  // The stack of the thread's tapes.
  recording* below = nullptr;
  void const* home = nullptr;
  std::atomic<bool> closed = false;

 private:
  friend struct statement_stream;
  struct epoch {
    std::uint64_t tag;
    std::size_t begin, end;
  };
  struct run {
    std::uint32_t number, count, size;
  };
  /// `period` runs that come `times` times, and may be computed one by one over all times: none reads what a later one
  /// has computed the time before.
  struct repetition {
    std::size_t first, period, times;
    bool across;  ///< a run's statements may be computed one by one over all times
  };

  void prepare(std::size_t size);
  void inspect(std::source_location where);
  std::string location_of(std::size_t index) const;
  void reverse_to_each(sweep& s, std::span<real const> by, double* result);
  void reverse_to(sweep& s) const;
  void reverse_watched(sweep& s) const;
  double* clear_adjoints();
  std::vector<run> const& runs() const;
  void find_repetitions();
  void keep_repetition(std::size_t begin, repetition found);
  replay_place replay_repeated(sweep& s, replay_place place, repetition const& repeated) const;
  void exchange_inputs(double const* values, double* old);
  [[noreturn]] void refuse_replay(std::size_t begin, std::uint32_t number);
  void restore(std::size_t end);

  raw_buffer<double> words_, slopes_, adjoints_;
  std::vector<double> old_inputs_;  // during a replay
  std::size_t clear_ = 0;           // how many of the adjoints are 0, between sweeps all that are used
  std::vector<std::size_t> order_;
  std::vector<dual> dual_adjoints_;
  std::size_t leading_ = 0;            // before it are inputs, and nothing else
  std::vector<std::uint32_t> inputs_;  // those behind it
  std::vector<epoch> epochs_;          // tags from before rewinds that still have variables
  std::size_t begin_ = 0;              // where the current tag begins
  std::vector<std::pair<std::size_t, std::source_location>> locations_;
  // The stream has its codes' numbers where they are found backward; for forward passes they are gathered once.
  mutable std::vector<run> runs_;
  mutable std::size_t runs_end_ = 0;
  mutable bool steered_ = false;  // whether there are comparisons, so that a replay may have to be taken back
  mutable int replays_ = 0;       // of these runs; what repeats is looked for before the second one
  std::vector<repetition> repetitions_;
};

template <class Look>
void recording::each_until(std::size_t end, Look const& look) const {
  std::size_t position = 0;
  for (run const& next : runs())
    for (std::uint32_t i = 0; i < next.count; ++i) {
      if (position >= end) return;
      statement_at const at(words, next.number, position);
      look(at);
      position = at.index + 1;
    }
}

recording* open_recording();
void close_recording(recording* closed) noexcept;

}  // namespace ddx::detail
