# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
# The checks of a test script enter; what failed and a closing line `N passed, N failed` that ./dev adds up leave.
# Sourced by the scripts. Needs CXX, DDX_SOURCE, DDX_BUILD and PKG_CONFIG_PATH, which tests/meson.build sets.
set -uo pipefail

passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The project's own warnings, as errors, so that the builds of users stay quiet.
warnings="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror"

ok() { passed=$((passed + 1)); }
# not_ok NAME FILE: the file says why.
not_ok() {
  failed=$((failed + 1))
  echo "FAIL  $1"
  sed 's/^/      /' "$2" | cut -c1-240 | head -n 40
}
finish() {
  echo "$passed passed, $failed failed"
  [[ $failed == 0 && $passed != 0 ]]
}

# prints SOURCE EXECUTABLE: whether the executable ends well and prints the //> lines of its source, in order.
prints() {
  local status=0
  timeout 120 "$2" >"$2.got" 2>&1 || status=$?
  [[ $status == 0 ]] || echo "exit status $status" >>"$2.got"
  grep -o '//>.*' "$1" | sed 's|^//> \{0,1\}||' | diff -u --label said --label printed - "$2.got"
}

# precompile OPTION…: compiles <ddx/ddx.hpp>, with which most programs begin, once; `first_header FILE` then tells the options with which
# a program that begins so takes it: g++ from a folder that is searched first, clang by name. Without warnings: g++ has one for
# every header that is compiled by itself.
precompile() {
  local to=$work/first/ddx
  mkdir -p "$to"
  $CXX -x c++-header "$DDX_SOURCE/include/ddx/ddx.hpp" -o "$to/ddx.hpp.gch" "$@" -w
}
first_header() {
  [[ -e $work/first/ddx/ddx.hpp.gch ]] || return 0
  grep -m 1 '^#include' "$1" | grep -qxF '#include <ddx/ddx.hpp>' || return 0
  if $CXX --version | grep -q clang; then echo "-include-pch $work/first/ddx/ddx.hpp.gch"; else echo "-I$work/first"; fi
}

# each FUNCTION ITEM…: runs `FUNCTION ITEM NUMBER` for every item, as many at a time as there are processors, and counts
# them. The function's output says why it failed, its status whether it did.
each() {
  local function=$1 number=0 item; shift
  rm -f "$work"/*.ok
  for item; do
    while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || true; done
    { "$function" "$item" "$number" >"$work/$number.log" 2>&1 && : >"$work/$number.ok"; } &
    number=$((number + 1))
  done
  wait
  number=0
  for item; do
    item=${item#"$DDX_SOURCE"/}
    if [[ -e $work/$number.ok ]]; then ok; else not_ok "${item#"$work"/}" "$work/$number.log"; fi
    number=$((number + 1))
  done
}
