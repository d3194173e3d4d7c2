// How many members an aggregate has, so that a test can notice one that is new. A base class is one of them.
#pragma once

#include <cstddef>
#include <utility>

namespace reseal::haproxy::test {

/// Whatever a member wants to begin with, but no base class.
template <class Owner>
struct AnyMember {
  template <class Member>
    requires(!std::is_same_v<Member, Owner>)
  operator Member() const;  // NOLINT(google-explicit-constructor): that is what it is for
};

template <class Aggregate, std::size_t... kIndex>
constexpr bool takes(std::index_sequence<kIndex...>) {
  return requires { Aggregate{(static_cast<void>(kIndex), AnyMember<Aggregate>{})...}; };
}

template <class Aggregate, std::size_t kCount = 64>
constexpr std::size_t fields() {
  if constexpr (kCount == 0 || takes<Aggregate>(std::make_index_sequence<kCount>())) {
    return kCount;
  } else {
    return fields<Aggregate, kCount - 1>();
  }
}

}  // namespace reseal::haproxy::test
