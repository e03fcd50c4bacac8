// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The command line enters; the exit status of a subcommand leaves.
#include "command.hpp"

int main(int argc, char** argv) {
  return ddx::command::run(argc, argv, {ddx::command::add_train, ddx::command::add_predict});
}
