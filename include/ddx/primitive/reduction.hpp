// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of reductions over a named axis: sum, mean, max, prod, logsumexp, norm, take. Their rules take the operands, the result
// and the axis reduced; `within` is the reduction of those elements for which a condition holds.
#pragma once

#include "elementary.hpp"

namespace ddx {

/// The sum over an axis.
struct sum_ {
  static constexpr std::string_view name = "sum";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::sum;
  static constexpr rules partials{[](auto, auto, auto) { return 1; }};
  static constexpr auto within = [](auto a, auto inside, auto along) { return along.sum(where(inside, a, 0)); };
  static constexpr notation text{"sum[{a}]({0})"}, unicode{"Σ[{a}]({0})"},
      latex{"\\sum_{{a}} {0}", precedence::product, precedence::product};
  static constexpr notation cpp = text;
};

/// The sum over an axis divided by its extent; NaN for extent 0. The mean of what lacks the axis is itself.
struct mean_ {
  static constexpr std::string_view name = "mean";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::sum;
  static constexpr rules partials{[](auto, auto, auto along) { return 1 / along.size(); }};
  static constexpr auto within = [](auto a, auto inside, auto along) {
    return along.sum(where(inside, a, 0)) / along.sum(where(inside, 1, 0));
  };
  static constexpr notation text{"mean[{a}]({0})"}, latex{"\\operatorname{mean}_{{a}}\\left({0}\\right)"}, cpp = text;
};

/// The largest element along an axis, -inf for extent 0. Elements that tie share the derivative evenly.
struct max_over_ {
  static constexpr std::string_view name = "max_over";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::max;
  static constexpr rules partials{
      [](auto a, auto y, auto along) { return where(a == y, 1, 0) / along.sum(where(a == y, 1, 0)); }};
  static constexpr auto within = [](auto a, auto inside, auto along) {
    return along.max(where(inside, a, -std::numeric_limits<double>::infinity()));
  };
  static constexpr notation text{"max[{a}]({0})"}, latex{"\\max_{{a}}\\left({0}\\right)"}, cpp = text;
};

/// The product over an axis; 1 for extent 0. The derivative by an element is the product of the others, zeros or not.
struct prod_ {
  static constexpr std::string_view name = "prod";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::product;
  static constexpr rules partials{[](auto a, auto, auto along) { return along.product_of_others(a); }};
  static constexpr auto within = [](auto a, auto inside, auto along) {
    return along.template of<prod_>(where(inside, a, 1));
  };
  static constexpr notation text{"prod[{a}]({0})"}, unicode{"Π[{a}]({0})"},
      latex{"\\prod_{{a}} {0}", precedence::product, precedence::product};
  static constexpr notation cpp = text;
};

/// log(sum(exp(x))) over an axis without overflow: -inf where all elements are, and for extent 0; inf where one is. The
/// derivative by an element is its share exp(x - logsumexp(x)), NaN where the result is infinite and the element is
/// too.
struct logsumexp_ {
  static constexpr std::string_view name = "logsumexp";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::none;
  static constexpr auto lowered = [](auto a, auto along) {
    auto const largest = along.max(a);
    auto const shift = where(abs(largest) < std::numeric_limits<double>::infinity(), largest, 0);
    return shift + log(along.sum(exp(a - shift)));
  };
  static constexpr rules partials{[](auto a, auto y, auto) { return exp(a - y); }};
  static constexpr auto within = [](auto a, auto inside, auto along) {
    return along.template of<logsumexp_>(where(inside, a, -std::numeric_limits<double>::infinity()));
  };
  static constexpr notation text{"logsumexp[{a}]({0})"};
  static constexpr notation latex{"\\log \\sum_{{a}} \\exp\\left({0}\\right)", precedence::product}, cpp = text;
};

/// The Euclidean norm over an axis, the root of the sum of squares, which must not overflow; its derivatives where it
/// is 0 are taken as 0.
struct norm_ {
  static constexpr std::string_view name = "norm";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::none;
  static constexpr auto lowered = [](auto a, auto along) { return sqrt(along.sum(pow(a, 2))); };
  static constexpr rules partials{[](auto a, auto y, auto) { return where(y == 0, 0, a / y); }};
  static constexpr auto within = [](auto a, auto inside, auto along) {
    return along.template of<norm_>(where(inside, a, 0));
  };
  static constexpr notation text{"norm[{a}]({0})"}, unicode{"‖{0}‖[{a}]"}, latex{"\\left\\|{0}\\right\\|_{{a}}"},
      cpp = text;
};

/// The element of the first operand at the place along the axis that the second names, counted from 0; NaN where there is none.
/// There is no derivative by the place: it is NaN. As a sum, so that its derivative by the elements is one too.
struct take_ {
  static constexpr std::string_view name = "take";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::none;
  static constexpr unsigned takes_whole = 0b10;
  static constexpr auto lowered = [](auto a, auto place, auto along) {
    auto const inside = floor(place) == place && place >= 0 && place < along.size();
    return where(inside, along.sum(where(along.position() == place, a, 0)), std::numeric_limits<double>::quiet_NaN());
  };
  static constexpr rules partials{
      [](auto, auto place, auto, auto along) { return where(along.position() == place, 1, 0); },
      [](auto, auto, auto, auto) { return std::numeric_limits<double>::quiet_NaN(); }};
  static constexpr notation text{"take[{a}]({0}, {1})"}, latex{"\\operatorname{take}_{{a}}\\left({0}, {1}\\right)"},
      cpp = text;
};

template <class Record>
constexpr traced detail::along_axis::of(traced const& operand) const {
  return {*owner, algebra<traced>::reduce_node(*owner, info<Record>, operand.node_in(*owner), axis)};
}

constexpr traced detail::along_axis::sum(traced const& operand) const { return of<sum_>(operand); }

constexpr traced detail::along_axis::max(traced const& operand) const { return of<max_over_>(operand); }

constexpr traced detail::along_axis::size() const { return {*owner, extent_node(*owner, axis)}; }

constexpr traced detail::along_axis::position() const { return {*owner, position_node(*owner, axis)}; }

/// 0, 1, 2, … along the axis called `Axis`, in the algebra of `near`, as pi(x) is: where(position<"i">(A) < position<"j">(A), A, 0)
/// is the lower triangle of A with rows j and columns i.
template <text Axis, Operand Type>
constexpr auto position(Type const& near) {
  return algebra<Type>::template along<position_, Axis>(near);
}

template <text Axis, class Missing = void>
constexpr auto position() {
  static_assert(detail::never<Missing>,
                "ddx: position<\"n\"> takes one operand that has the axis, as in ddx::position<\"n\">(x)");
  return 0;
}

/// The number of elements along the axis called `Axis`, in the algebra of `near`.
template <text Axis, Operand Type>
constexpr auto size(Type const& near) {
  return algebra<Type>::template along<extent_, Axis>(near);
}

template <text Axis, class Missing = void>
constexpr auto size() {
  static_assert(detail::never<Missing>,
                "ddx: size<\"n\"> takes one operand that has the axis, as in ddx::size<\"n\">(x)");
  return 0;
}

namespace detail {

/// A reduction over axes, one after the other, the last one first.
template <class Record, text Axis, text... More, Operand Type>
constexpr auto reduce_over(Type const& operand) {
  if constexpr (sizeof...(More) == 0) {
    return algebra<Type>::template reduce<Record, Axis>(operand);
  } else {
    static_assert(distinct_names<Axis, More...>(), "ddx: a reduction names an axis twice; name each axis once");
    auto const inner = reduce_over<Record, More...>(operand);
    return algebra<std::remove_const_t<decltype(inner)>>::template reduce<Record, Axis>(inner);
  }
}

}  // namespace detail

/// The sum over the axis called `Axis`, or over several: sum<"n", "d">(X) is sum<"n">(sum<"d">(X)).
template <text Axis, text... More, Operand Type>
constexpr auto sum(Type const& operand) {
  return detail::reduce_over<sum_, Axis, More...>(operand);
}

/// The product over the axis called `Axis`, or over several.
template <text Axis, text... More, Operand Type>
constexpr auto prod(Type const& operand) {
  return detail::reduce_over<prod_, Axis, More...>(operand);
}

/// The mean over the axis called `Axis`, or over several.
template <text Axis, text... More, Operand Type>
constexpr auto mean(Type const& operand) {
  return detail::reduce_over<mean_, Axis, More...>(operand);
}

/// The largest element along the axis called `Axis`, or along several: elements that tie share the derivative evenly, along one axis after
/// the other.
template <text Axis, text... More, Operand Type>
constexpr auto max(Type const& operand) {
  return detail::reduce_over<max_over_, Axis, More...>(operand);
}

/// log(sum(exp(x))) over the axis called `Axis`, or over several, without overflow.
template <text Axis, text... More, Operand Type>
constexpr auto logsumexp(Type const& operand) {
  return detail::reduce_over<logsumexp_, Axis, More...>(operand);
}

/// The Euclidean norm over the axis called `Axis`, or over several.
template <text Axis, text... More, Operand Type>
constexpr auto norm(Type const& operand) {
  return detail::reduce_over<norm_, Axis, More...>(operand);
}

/// The element of `operand` along the axis called `Axis` at the place that `index` names, counted from 0:
/// take<"k">(logits, label) has for every sample the logit of its class. `index` is a whole number, or an array of whole numbers
/// without the axis, of any element type; what it lacks of the operand's axes it is repeated along, and the other way round.
/// A kernel refuses an array or a number as index that has an element outside of the axis, with a sentence and before it writes
/// anything: `take: label[2] is 5, axis k has 3` or `take: label[2] is 0.5, which is no whole number`. Where the index is computed, an element outside gives NaN.
/// The derivative by the operand is 1 at that place and 0 elsewhere; there is none by the index. The cost is a comparison an element
/// of the operand.
template <text Axis, class Type, class Index>
  requires Operands<Type, Index>
constexpr auto take(Type const& operand, Index const& index) {
  return algebra_of<Type, Index>::template reduce<take_, Axis>(operand, index);
}

/// exp(x) by its sum over the axis called `Axis`, or over several, without overflow: exp(x - logsumexp<Axis>(x)). NaN along an axis
/// where all elements are -inf or one is inf.
template <text Axis, text... More, Operand Type>
constexpr auto softmax(Type const& operand) {
  return exp(operand - detail::reduce_over<logsumexp_, Axis, More...>(operand));
}

/// The logarithm of softmax: x - logsumexp<Axis>(x).
template <text Axis, text... More, Operand Type>
constexpr auto log_softmax(Type const& operand) {
  return operand - detail::reduce_over<logsumexp_, Axis, More...>(operand);
}

/// The sum of products over the axis called `Axis`, or over several.
template <text Axis, text... More, class Left, class Right>
  requires Operands<Left, Right>
constexpr auto dot(Left const& left, Right const& right) {
  return detail::reduce_over<sum_, Axis, More...>(left * right);
}

}  // namespace ddx
