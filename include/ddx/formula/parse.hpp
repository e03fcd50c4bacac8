// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The parser: the text of a formula enters, its postfix tokens and literals leave, or what is wrong with it and where. It runs
// inside the compiler and at run time alike, which is why it is not made with a parsing library: none works in constant
// expressions. It keeps its own stack, so that text of any depth is read or refused, and never overflows the machine's.
//
//   formula      or, and, not, comparisons (a < b < c is a < b and b < c), + -, * /, - +, ^ or **, from loose to tight;
//                ^ groups from the right, all other from the left; -x^2 is -(x^2), 2^-x is 2^(-x)
//   operand      number, variable, `variable of any name`, pi, e, inf, nan, (formula), function(formula, …), reduction[axis](formula, …), size[axis],
//                recurrence[axis - 1](a, b), position[axis], inside[axis + 1], array[axis, …] (the axes may be left out once they are known);
//                behind an operand [axis + 1] and [axis - 1] are its neighbours along an axis, also as array[axis + 1, …]
#pragma once

#include "../graph/decimal.hpp"
#include "../primitive/records.hpp"
#include "name.hpp"
#include "token.hpp"

namespace ddx {

/// An array that text may name: its axes, outermost first; no axes make it a variable, which hides a constant of that name.
struct declaration {
  std::string_view name;
  int rank = 0;
  std::string_view axes[max_rank]{};
};

/// Texts are at most so long, and parentheses so deep.
inline constexpr std::size_t max_formula_text = std::size_t{16} << 20;
inline constexpr int max_formula_depth = 10000;

/// The largest offset along an axis that text may have: less than half of what a double counts.
inline constexpr double largest_offset = 1e15;

namespace detail {

enum class parse_fault {
  none,
  operand,           // an operand is expected
  operators,         // an operator is expected
  closing,           // ')' is expected
  unopened,          // ')' or ',' outside of parentheses
  too_large,         // a number that no double holds
  closing_axis,      // ']' is expected
  closing_name,      // '`' is expected behind a name
  axis,              // the name of an axis is expected
  offset,            // a whole number is expected behind the + or - of an index
  neighbour,         // the index of a recurrence's neighbour is expected
  unknown_function,  // `name` is no function
  not_over_axis,     // `name` is no function over an axis
  operand_count,     // the function `name` takes `expected` operands
  axes_differ,       // the array `name` had other axes before
  rank,              // more axes than an array may have
  equality,          // '=' where '==' is meant
  character,         // a character that no formula has
  too_deep,
  too_long
};

/// What is wrong with a text: where, as an offset in bytes, and the name and count that the sentence needs.
struct parse_problem {
  parse_fault fault = parse_fault::none;
  std::size_t position = 0;
  std::string_view name{};
  int expected = 0;
};

/// What the parser must know of a primitive.
struct callable {
  std::string_view name{};
  primitive const* op = nullptr;  ///< null for those of the table, which are found by `id`
  unsigned id = 0;
  int arity = 0;
  role kind = role::elementwise;
};

template <class Record>
constexpr callable callable_of() {
  callable result{.name = Record::name, .id = hash_of(Record::name), .arity = record_arity<Record>};
  if constexpr (requires { Record::kind; }) result.kind = Record::kind;
  if constexpr (requires { Record::combine; })
    result.name = Record::text.pattern.substr(0, Record::text.pattern.find('['));
  return result;
}

template <class Records>
struct callables_of;
template <class... Records>
struct callables_of<std::tuple<Records...>> {
  static constexpr callable values[]{callable_of<Records>()...};
};

/// The primitives of the table by name, without their rules.
inline constexpr auto const& all_callables = callables_of<all_records>::values;

/// The tokens and literals of a text, and the names of axes that its arrays have one after the other.
struct parsed_text {
  sequence<token> tokens;
  sequence<double> literals;
  sequence<std::string_view> axes;
  sequence<int> first_axis;  ///< for each token the place of its first axis in `axes`
  parse_problem problem;
};

class parser {
 public:
  constexpr parser(std::string_view source, declaration const* declared, int declared_count, callable const* more,
                   int more_count)
      : text_(source), more_(more), more_count_(more_count) {
    for (int i = 0; i < declared_count; ++i) {
      int const first = out_.axes.size();
      for (int k = 0; k < declared[i].rank; ++k) out_.axes.push_back(declared[i].axes[k]);
      names_.push_back({declared[i].name, first, declared[i].rank});
      remember(names_.size() - 1);
    }
    declared_count_ = declared_count;
  }

  constexpr parsed_text run() {
    if (text_.size() > max_formula_text) fail(parse_fault::too_long, max_formula_text);
    bool wants_operand = true;
    skip();
    while (good() && (at_ < text_.size() || wants_operand)) {
      if (wants_operand) wants_operand = read_operand();
      else wants_operand = read_operator();
      skip();
    }
    if (good()) reduce_above(0);
    if (good() && !pending_.empty()) fail(parse_fault::closing, text_.size());
    return std::move(out_);
  }

 private:
  // ---- operators and what is open on the stack

  enum class open : unsigned char { none, parenthesis, call, reduction };

  struct entry {
    unsigned id = 0;  // of the primitive; 0 for a parenthesis
    primitive const* op = nullptr;
    open kind = open::none;
    unsigned char binds = 0;
    unsigned char operand_count = 2;
    int arity = 0;
    int commas = 0;
    int compared = -1;        // for comparisons: where the tokens of the right operand begin
    std::string_view name{};  // of the function
    std::string_view axis{};  // of the reduction
    double offset = 0;        // of a scan
    std::size_t position = 0;
  };

  struct symbol {
    std::string_view text;
    unsigned id;
    unsigned char binds;
    bool rightwards;
  };

  enum : unsigned char {
    disjunction = 1,
    conjunction,
    negation,
    comparison,
    summation,
    multiplication,
    signing,
    raising
  };

  template <class Record>
  static constexpr unsigned id_of = hash_of(Record::name);

  // Longer symbols before those they begin with.
  static constexpr symbol infix[]{
      {"**", id_of<pow_>, raising, true},
      {"^", id_of<pow_>, raising, true},
      {"*", id_of<multiply_>, multiplication, false},
      {"/", id_of<divide_>, multiplication, false},
      {"+", id_of<add_>, summation, false},
      {"-", id_of<subtract_>, summation, false},
      {"<=", id_of<less_equal_>, comparison, false},
      {">=", id_of<greater_equal_>, comparison, false},
      {"==", id_of<equal_>, comparison, false},
      {"!=", id_of<not_equal_>, comparison, false},
      {"<", id_of<less_>, comparison, false},
      {">", id_of<greater_>, comparison, false},
      {"&&", id_of<and_>, conjunction, false},
      {"||", id_of<or_>, disjunction, false},
      {"and", id_of<and_>, conjunction, false},
      {"or", id_of<or_>, disjunction, false},
  };

  constexpr bool good() const { return out_.problem.fault == parse_fault::none; }

  constexpr bool fail(parse_fault fault, std::size_t position, std::string_view name = {}, int expected = 0) {
    if (good()) out_.problem = {fault, position, name, expected};
    return false;
  }

  // ---- characters

  static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  constexpr char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  constexpr void skip() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  constexpr bool take(char c) {
    skip();
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  constexpr std::string_view read_name() {
    std::size_t const begin = at_;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// Whether the text goes on with a symbol; words must end where they end.
  constexpr bool follows(std::string_view word) const {
    if (text_.substr(at_, word.size()) != word) return false;
    return !begins_name(word[0]) || !continues_name(peek(word.size()));
  }

  // ---- operands; each answers whether an operand is still wanted

  constexpr bool read_operand() {
    char const c = peek();
    std::size_t const begin = at_;
    if (at_ >= text_.size()) return fail(parse_fault::operand, at_);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number();
    if (c == '(') {
      ++at_;
      return push_open({.kind = open::parenthesis, .position = begin});
    }
    if (c == '-') {
      ++at_;
      return push({.id = id_of<negate_>, .binds = signing, .operand_count = 1, .position = begin});
    }
    if (c == '+') return ++at_, true;
    if (follows("not") || (c == '!' && peek(1) != '=')) {
      at_ += c == '!' ? 1 : 3;
      return push({.id = id_of<not_>, .binds = c == '!' ? signing : negation, .operand_count = 1, .position = begin});
    }
    if (c == name_quote) return read_quoted();
    if (begins_name(c) && !follows("and") && !follows("or")) return read_named();
    bool const known = c == ')' || c == ',' || c == ']' || follows("and") || follows("or") || is_infix();
    return fail(known ? parse_fault::operand : parse_fault::character, begin);
  }

  constexpr bool is_infix() const {
    for (symbol const& s : infix)
      if (follows(s.text)) return true;
    return false;
  }

  constexpr bool read_number() {
    std::size_t const begin = at_;
    bool whole = true;
    while (is_digit(peek())) ++at_;
    if (peek() == '.') {
      whole = false;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      std::size_t const sign = peek(1) == '-' || peek(1) == '+' ? 2 : 1;
      if (is_digit(peek(sign))) {
        whole = false;
        at_ += sign;
        while (is_digit(peek())) ++at_;
      }
    }
    double const value = nearest_double(text_.substr(begin, at_ - begin));
    if (value == std::numeric_limits<double>::infinity()) return fail(parse_fault::too_large, begin);
    return push_literal(value, whole);
  }

  constexpr bool read_named() {
    std::size_t const begin = at_;
    std::string_view const name = read_name();
    skip();
    if (peek() == '(') {
      callable const* const function = find(name, false);
      if (function == nullptr) return fail(parse_fault::unknown_function, begin, name);
      ++at_;
      return push_open({.id = function->id,
                        .op = function->op,
                        .kind = open::call,
                        .arity = function->arity,
                        .name = name,
                        .position = begin});
    }
    int const known = find_name(name);
    if (peek() == '[' && known < 0) {
      if (name == inside_::name) return read_inside(begin);
      if (name == extent_::name) return read_along_axis(token::step::extent);
      if (name == position_::name) return read_along_axis(token::step::position);
      if (callable const* const reduction = find(name, true)) return read_reduction(*reduction, begin);
    }
    if (peek() == '[') return read_array(name, known, begin);
    if (known >= 0 && known < declared_count_) return push_symbol(known);
    if (name == pi_::name) return push_apply(id_of<pi_>);
    if (name == "e") return push_literal(1, true), push_apply(id_of<exp_>);
    if (name == "inf") return push_literal(std::numeric_limits<double>::infinity(), false);
    if (name == "nan") return push_literal(std::numeric_limits<double>::quiet_NaN(), false);
    if (known >= 0) return push_symbol(known);
    return push_symbol(declare(name, out_.axes.size(), 0));
  }

  /// A name between quotes is a variable or an array, whatever it says.
  constexpr bool read_quoted() {
    std::size_t const begin = at_, end = text_.find(name_quote, begin + 1);
    if (end == text_.npos || end == begin + 1)
      return fail(parse_fault::closing_name, end == text_.npos ? text_.size() : end);
    std::string_view const name = text_.substr(begin + 1, end - begin - 1);
    at_ = end + 1;
    skip();
    int const known = find_name(name);
    if (peek() == '[') return read_array(name, known, begin);
    return push_symbol(known >= 0 ? known : declare(name, out_.axes.size(), 0));
  }

  constexpr std::string_view read_axis() {
    skip();
    std::size_t const begin = at_;
    if (!begins_name(peek())) fail(parse_fault::axis, begin);
    return read_name();
  }

  constexpr bool read_along_axis(token::step what) {
    ++at_;
    std::string_view const axis = read_axis();
    if (good() && !take(']')) return fail(parse_fault::closing_axis, at_);
    return push_token({.what = what, .name = axis});
  }

  /// inside[axis + 1]; with axes alone it is an array of this name.
  constexpr bool read_inside(std::size_t begin) {
    ++at_;
    std::string_view const axis = read_axis();
    double offset = 0;
    if (!good() || !read_offset(offset)) return false;
    if (offset == 0 || !take(']')) return good() && (at_ = begin, read_array_from(begin));
    return push_index(token::step::inside, axis, offset);
  }

  constexpr bool push_index(token::step what, std::string_view axis, double offset) {
    push_literal(offset, true);
    return push_token({.what = what, .name = axis});
  }

  /// ` + 1` or ` - 1` behind the name of an axis, or nothing. Answers whether it is well written.
  constexpr bool read_offset(double& offset) {
    skip();
    if (peek() != '+' && peek() != '-') return true;
    double const sign = peek() == '-' ? -1 : 1;
    ++at_;
    skip();
    if (!is_digit(peek())) return fail(parse_fault::offset, at_);
    for (; is_digit(peek()); ++at_) {
      offset = 10 * offset + (peek() - '0');
      if (offset > largest_offset) return fail(parse_fault::offset, at_);
    }
    offset *= sign;
    return true;
  }

  /// [axis + 1] behind an operand.
  constexpr bool read_index(std::size_t begin) {
    ++at_;
    std::string_view const axis = read_axis();
    double offset = 0;
    if (!good() || !read_offset(offset)) return false;
    if (!take(']')) return fail(parse_fault::closing_axis, at_);
    if (offset == 0) return fail(parse_fault::operators, begin);
    push_index(token::step::shift, axis, offset);
    return false;
  }

  constexpr bool read_reduction(callable const& reduction, std::size_t begin) {
    ++at_;
    std::string_view const axis = read_axis();
    double offset = 0;
    if (reduction.kind == role::scan) {
      if (!good() || !read_offset(offset)) return false;
      if (offset != 1 && offset != -1) return fail(parse_fault::neighbour, at_);
    }
    if (good() && !take(']')) {
      // array[i, j] of a name that is a reduction's too
      return peek() == ',' ? (at_ = begin, read_array_from(begin)) : fail(parse_fault::closing_axis, at_);
    }
    skip();
    if (peek() != '(') return good() && (at_ = begin, read_array_from(begin));
    ++at_;
    return push_open({.id = reduction.id,
                      .op = reduction.op,
                      .kind = open::reduction,
                      .arity = reduction.arity,
                      .name = reduction.name,
                      .axis = axis,
                      .offset = offset,
                      .position = begin});
  }

  constexpr bool read_array_from(std::size_t begin) {
    std::string_view const name = read_name();
    skip();
    return read_array(name, find_name(name), begin);
  }

  constexpr bool read_array(std::string_view name, int known, std::size_t begin) {
    ++at_;
    int const first = out_.axes.size();
    double offsets[max_rank]{};
    bool moved = false;
    do {
      int const rank = out_.axes.size() - first;
      if (rank == max_rank) return fail(parse_fault::rank, at_, name);
      out_.axes.push_back(read_axis());
      if (good() && !read_offset(offsets[rank])) return false;
      moved = moved || offsets[rank] != 0;
    } while (good() && take(','));
    if (!good()) return false;
    if (!take(']')) return fail(parse_fault::closing_axis, at_);
    skip();
    if (known < 0 && peek() == '(') return fail(parse_fault::not_over_axis, begin, name);
    int const rank = out_.axes.size() - first;
    if (known < 0) known = declare(name, first, rank);
    int const whole = names_[known].rank;
    bool same = whole == rank || (moved && rank < whole);  // x[i + 1] of an x whose axes are known names some of them
    for (int i = 0; same && i < rank; ++i)
      same = whole == rank ? out_.axes[names_[known].first + i] == out_.axes[first + i]
                           : has_axis(known, out_.axes[first + i]);
    if (!same) return fail(parse_fault::axes_differ, begin, name);
    push_symbol(known);
    for (int i = 0; i < rank; ++i)
      if (offsets[i] != 0) push_index(token::step::shift, out_.axes[first + i], offsets[i]);
    if (names_[known].first != first) out_.axes.resize(first);
    return false;
  }

  constexpr bool has_axis(int known, std::string_view axis) const {
    for (int i = 0; i < names_[known].rank; ++i)
      if (out_.axes[names_[known].first + i] == axis) return true;
    return false;
  }

  // ---- after an operand

  constexpr bool read_operator() {
    std::size_t const begin = at_;
    char const c = peek();
    if (c == ')') {
      ++at_;
      return close(begin);
    }
    if (c == ',') {
      ++at_;
      return comma(begin);
    }
    for (symbol const& s : infix)
      if (follows(s.text)) {
        at_ += s.text.size();
        return push_infix(s, begin);
      }
    if (c == '[') return read_index(begin);
    if (c == '=') return fail(parse_fault::equality, begin);
    if (is_digit(c) || begins_name(c) || c == name_quote || c == '(' || c == ']' || c == '!' || c == '.')
      return fail(innermost() < 0 ? parse_fault::operators : parse_fault::closing, begin);
    return fail(parse_fault::character, begin);
  }

  constexpr bool push_infix(symbol const& s, std::size_t begin) {
    entry e{.id = s.id, .binds = s.binds, .position = begin};
    if (s.binds == comparison) {
      reduce_above(comparison + 1);
      e.compared = out_.tokens.size();
      if (!pending_.empty() && pending_.back().compared >= 0) {  // a < b < c: b again, then `and` below
        int const b = pending_.back().compared, end = out_.tokens.size();
        reduce_above(comparison);
        // The literals of b are the last ones.
        int count = 0;
        for (int i = b; i < end; ++i) count += out_.tokens[i].what == token::step::literal ? 1 : 0;
        int const first = out_.literals.size() - count;
        for (int i = b; i < end; ++i) copy_token(i);
        for (int i = 0; i < count; ++i) out_.literals.push_back(out_.literals[first + i]);
        push({.id = id_of<and_>, .binds = comparison, .operand_count = 2, .position = begin});
        e.compared = out_.tokens.size();
        if (out_.tokens.size() > static_cast<int>(max_formula_text)) return fail(parse_fault::too_long, begin);
      }
      return push(e);
    }
    reduce_above(s.rightwards ? s.binds + 1 : s.binds);
    return push(e);
  }

  constexpr bool close(std::size_t begin) {
    reduce_above(0);
    if (pending_.empty()) return fail(parse_fault::unopened, begin);
    entry const opened = pending_.back();
    pending_.pop_back();
    --depth_;
    if (opened.kind != open::parenthesis && opened.commas + 1 != opened.arity)
      return fail(parse_fault::operand_count, opened.position, opened.name, opened.arity);
    if (opened.kind == open::call) return push_token({.what = token::step::apply, .id = opened.id, .op = opened.op});
    if (opened.kind == open::reduction && opened.offset != 0)
      return push_index(token::step::scan, opened.axis, opened.offset);
    if (opened.kind == open::reduction)
      return push_token({.what = token::step::reduce, .id = opened.id, .op = opened.op, .name = opened.axis});
    return false;
  }

  constexpr bool comma(std::size_t begin) {
    reduce_above(0);
    if (pending_.empty()) return fail(parse_fault::unopened, begin);
    entry& opened = pending_.back();
    if (opened.kind == open::parenthesis || (opened.kind == open::reduction && opened.arity == 1))
      return fail(parse_fault::closing, begin);
    if (++opened.commas >= opened.arity)
      return fail(parse_fault::operand_count, opened.position, opened.name, opened.arity);
    return true;
  }

  /// The innermost open parenthesis, -1 outside of all.
  constexpr int innermost() const {
    int i = pending_.size() - 1;
    while (i >= 0 && pending_[i].kind == open::none) --i;
    return i;
  }

  // ---- stack and output

  constexpr bool push(entry const& e) {
    pending_.push_back(e);
    if (pending_.size() > 8 * max_formula_depth) return fail(parse_fault::too_deep, e.position);
    return true;
  }

  constexpr bool push_open(entry const& e) {
    if (++depth_ > max_formula_depth) return fail(parse_fault::too_deep, e.position);
    return push(e);
  }

  constexpr void reduce() {
    entry const e = pending_.back();
    pending_.pop_back();
    // A minus in front of a number is a part of it: -0 and 0.1*(-3) keep what they are.
    if (e.id == id_of<negate_> && out_.tokens.back().what == token::step::literal) {
      out_.literals.back() = -out_.literals.back();
      return;
    }
    push_token({.what = token::step::apply, .id = e.id, .op = e.op});
  }

  /// Applies the operators on top that bind at least so tightly, down to an open parenthesis.
  constexpr void reduce_above(int binds) {
    while (!pending_.empty() && pending_.back().kind == open::none && pending_.back().binds >= binds) reduce();
  }

  constexpr bool push_token(token const& t, int first_axis = 0) {
    out_.tokens.push_back(t);
    out_.first_axis.push_back(first_axis);
    return false;
  }

  constexpr void copy_token(int i) {
    token const t = out_.tokens[i];
    push_token(t, out_.first_axis[i]);
  }

  constexpr bool push_apply(unsigned id) { return push_token({.what = token::step::apply, .id = id}); }

  constexpr bool push_literal(double value, bool whole) {
    out_.literals.push_back(value);
    return push_token({.what = token::step::literal, .whole = whole});
  }

  constexpr bool push_symbol(int known) {
    name_entry const& n = names_[known];
    return push_token({.what = token::step::symbol, .count = n.rank, .name = n.name}, n.first);
  }

  // ---- names

  struct name_entry {
    std::string_view name;
    int first, rank;
  };

  constexpr int declare(std::string_view name, int first, int rank) {
    names_.push_back({name, first, rank});
    remember(names_.size() - 1);
    return names_.size() - 1;
  }

  constexpr void remember(int index) {
    if (4 * names_.size() > 3 * buckets_.size()) {
      buckets_ = sequence<int>(buckets_.empty() ? 16 : 2 * buckets_.size(), -1);
      for (int i = 0; i < names_.size(); ++i) put(i);
    } else {
      put(index);
    }
  }

  constexpr void put(int index) {
    unsigned const mask = static_cast<unsigned>(buckets_.size()) - 1;
    unsigned bucket = hash_of(names_[index].name) & mask;
    while (buckets_[static_cast<int>(bucket)] >= 0) bucket = (bucket + 1) & mask;
    buckets_[static_cast<int>(bucket)] = index;
  }

  constexpr int find_name(std::string_view name) const {
    if (buckets_.empty()) return -1;
    unsigned const mask = static_cast<unsigned>(buckets_.size()) - 1;
    for (unsigned bucket = hash_of(name) & mask; buckets_[static_cast<int>(bucket)] >= 0; bucket = (bucket + 1) & mask)
      if (int const i = buckets_[static_cast<int>(bucket)]; names_[i].name == name) return i;
    return -1;
  }

  constexpr callable const* find(std::string_view name, bool reduction) const {
    for (int i = 0; i < more_count_; ++i)
      if (more_[i].name == name && (more_[i].kind == role::reduction) == reduction) return &more_[i];
    for (callable const& c : all_callables)
      if (c.name == name && c.arity > 0 &&
          (reduction ? c.kind == role::reduction || c.kind == role::scan : c.kind == role::elementwise))
        return &c;
    return nullptr;
  }

  std::string_view text_;
  callable const* more_;
  int more_count_;
  int declared_count_ = 0;
  int depth_ = 0;
  std::size_t at_ = 0;
  parsed_text out_;
  sequence<entry> pending_;
  sequence<name_entry> names_;
  sequence<int> buckets_;
};

/// The tokens of a text. Names are views into the text and the declarations; `axes` of the tokens are not set yet.
constexpr parsed_text parse_tokens(std::string_view source, declaration const* declared = nullptr,
                                   int declared_count = 0, callable const* more = nullptr, int more_count = 0) {
  return parser(source, declared, declared_count, more, more_count).run();
}

}  // namespace detail
}  // namespace ddx
