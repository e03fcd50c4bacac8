// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The command line enters; the exit status of a subcommand leaves.
#include "command.hpp"

int main(int argc, char** argv) {
  using namespace ddx::command;
  return run(argc, argv, {add_formulas, add_train, add_predict, add_documents});
}
