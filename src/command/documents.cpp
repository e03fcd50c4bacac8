// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The program's parser enters; a manual page and completions for shells leave, so that they say what --help says.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "command.hpp"
#include "option.hpp"

namespace ddx::command {
namespace {

std::vector<CLI::App*> commands_of(CLI::App& program) {
  return program.get_subcommands([](CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<CLI::Option*> options_of(CLI::App& command) {
  return command.get_options(
      [](CLI::Option* option) { return option->nonpositional() && !option->get_lnames().empty(); });
}

std::string long_name(CLI::Option const& option) { return "--" + option.get_lnames().front(); }

bool takes_value(CLI::Option const& option) { return option.get_items_expected_max() > 0; }

/// What may follow an option: words to choose from (`text|latex`), or a file or folder.
std::vector<std::string_view> choices_of(std::string const& kind) {
  return kind.find('|') == kind.npos ? std::vector<std::string_view>() : parts_of(kind, '|');
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size()) text.replace(at, what.size(), by);
  return text;
}

// ---- the manual page

std::string roff(std::string text) {
  text = replaced(replaced(replaced(std::move(text), "\\", "\\e"), "-", "\\-"), "^", "\\(ha");
  text = replaced(std::move(text), "'", "\\(aq");
  if (text.starts_with('.')) text.insert(0, "\\&");
  return replaced(std::move(text), "\n.", "\n\\&.");
}

std::string option_entry(CLI::Option const& option) {
  std::string head = fmt::format("\\fB{}\\fR", roff(option.get_name(false, true)));
  head = replaced(std::move(head), ",", "\\fR, \\fB");
  if (takes_value(option)) head += fmt::format(" \\fI{}\\fR", roff(option.get_type_name()));
  std::string const& standard = option.get_default_str();
  return fmt::format(".TP\n{}\n{}{}\n", head, roff(option.get_description()),
                     standard.empty() ? "" : fmt::format(" (default {})", roff(standard)));
}

std::string upper(std::string_view text) {
  std::string result;
  for (char const c : text) result += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

// Lines at the margin that end in a colon are headings, all others stay as they are.
std::string footer_entry(std::string const& footer) {
  std::string page;
  bool plain = false;
  for (auto const line : parts_of(footer, '\n')) {
    if (!line.empty() && line.front() != ' ' && line.back() == ':') {
      if (plain) page += ".fi\n";
      page += fmt::format(".SH {}\n.nf\n", roff(upper(line.substr(0, line.size() - 1))));
      plain = true;
    } else if (!line.empty()) {
      page += roff(std::string(line)) + "\n";
    } else if (plain) {
      page += ".PP\n";
    }
  }
  while (page.ends_with(".PP\n")) page.resize(page.size() - 4);
  return page + (plain ? ".fi\n" : "");
}

std::string manual(CLI::App& program) {
  std::string page = fmt::format(".TH DDX 1 \"\" \"ddx {0}\" \"User Commands\"\n.SH NAME\nddx \\- {1}\n.SH SYNOPSIS\n",
                                 DDX_VERSION, roff(program.get_description().substr(5)));
  for (auto* command : commands_of(program)) {
    auto const* const words = words_of(*command);
    page += fmt::format(".B ddx {}\n{}[\\fIoptions\\fR]\n.br\n", command->get_name(),
                        words ? fmt::format("\\fI{}\\fR... ", words->get_name()) : "");
  }
  page += ".SH OPTIONS\n";
  for (auto const* option : options_of(program)) page += option_entry(*option);
  page += ".SH COMMANDS\n";
  for (auto* command : commands_of(program)) {
    page += fmt::format(".SS ddx {}\n{}.\n", command->get_name(), roff(command->get_description()));
    if (auto const* words = words_of(*command))
      page += fmt::format(".TP\n\\fI{}\\fR\n{}\n", words->get_name(), roff(words->get_description()));
    for (auto const* option : options_of(*command)) page += option_entry(*option);
    if (!command->get_footer().empty()) page += ".PP\n.nf\n" + roff(command->get_footer()) + ".fi\n";
  }
  return page + footer_entry(program.get_footer());
}

// ---- completions

std::string shell_word(std::string const& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::string bash_completion(CLI::App& program) {
  std::string names, cases, values;
  for (auto* command : commands_of(program)) {
    names += (names.empty() ? "" : " ") + command->get_name();
    std::string options;
    for (auto const* option : options_of(*command)) {
      options += (options.empty() ? "" : " ") + long_name(*option);
      if (!takes_value(*option)) continue;
      std::string const kind = option->get_type_name();
      std::string answer = "return";
      if (auto const choices = choices_of(kind); !choices.empty())
        answer = fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\")", fmt::join(choices, " "));
      else if (kind == "FILE") answer = "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")";
      else if (kind == "FOLDER") answer = "mapfile -t COMPREPLY < <(compgen -d -- \"$current\")";
      values += fmt::format("    '{} {}') {}; return ;;\n", command->get_name(), long_name(*option), answer);
    }
    cases += fmt::format("    {}) options='{}' ;;\n", command->get_name(), options);
  }
  values = replaced(std::move(values), "return; return", "return");
  return fmt::format(
      "# bash completion for ddx\n"
      "_ddx() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options=''\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '{} --help --version' -- \"$current\")\n"
      "    return\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[1]}} $before\" in\n{}  esac\n"
      "  if [[ $current == @* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -P @ -f -- \"${{current#@}}\")\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{}  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
      "}}\n"
      "complete -o filenames -F _ddx ddx\n",
      names, values, cases);
}

std::string zsh_completion(CLI::App& program) {
  auto described = [](std::string const& text) {
    return replaced(replaced(replaced(text, "[", "\\["), "]", "\\]"), ":", "\\:");
  };
  std::string names, cases;
  for (auto* command : commands_of(program)) {
    names += fmt::format("    {}\n", shell_word(command->get_name() + ":" + described(command->get_description())));
    cases += fmt::format("    {}) _arguments", command->get_name());
    for (auto const* option : options_of(*command)) {
      std::string spec = fmt::format("{}[{}]", long_name(*option), described(option->get_description()));
      if (takes_value(*option)) {
        std::string const kind = option->get_type_name();
        auto const choices = choices_of(kind);
        std::string const action = !choices.empty()   ? fmt::format("({})", fmt::join(choices, " "))
                                   : kind == "FILE"   ? "_files"
                                   : kind == "FOLDER" ? "_files -/"
                                                      : "";
        spec += fmt::format(":{}:{}", described(kind), action);
      }
      cases += " \\\n      " + shell_word(spec);
    }
    if (auto const* words = words_of(*command)) cases += " \\\n      " + shell_word("*:" + words->get_name() + ":");
    cases += " ;;\n";
  }
  return fmt::format(
      "#compdef ddx\n"
      "_ddx() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=${{words[2]}}\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "_ddx \"$@\"\n",
      names, cases);
}

std::string fish_completion(CLI::App& program) {
  auto const escaped = [](std::string const& text) {
    return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
  };
  std::string lines =
      "# fish completion for ddx\ncomplete -c ddx -f\ncomplete -c ddx -n __fish_use_subcommand -l help -d 'Print "
      "help'\n"
      "complete -c ddx -n __fish_use_subcommand -l version -d 'Print the version'\n";
  for (auto* command : commands_of(program)) {
    lines += fmt::format("complete -c ddx -n __fish_use_subcommand -a {} -d {}\n", command->get_name(),
                         escaped(command->get_description()));
    for (auto const* option : options_of(*command)) {
      std::string const kind = option->get_type_name();
      auto const choices = choices_of(kind);
      std::string const after = !takes_value(*option) ? ""
                                : !choices.empty()    ? fmt::format(" -x -a '{}'", fmt::join(choices, " "))
                                : kind == "FILE"      ? " -r -F"
                                : kind == "FOLDER"    ? " -x -a '(__fish_complete_directories)'"
                                                      : " -x";
      lines += fmt::format("complete -c ddx -n '__fish_seen_subcommand_from {}' -l {}{} -d {}\n", command->get_name(),
                           option->get_lnames().front(), after, escaped(option->get_description()));
    }
  }
  return lines;
}

}  // namespace

void add_documents(CLI::App& program) {
  auto* const completion = program.add_subcommand("completion", "Prints the completion of a shell")->group("");
  struct writer {
    char const* shell;
    std::string (*write)(CLI::App&);
  };
  for (writer const w :
       {writer{"bash", bash_completion}, writer{"zsh", zsh_completion}, writer{"fish", fish_completion}})
    completion->add_subcommand(w.shell, "")->callback([&program, w] { fmt::print("{}", w.write(program)); });
  completion->require_subcommand(1);
  program.add_subcommand("manual", "Prints the manual page")->group("")->callback([&program] {
    fmt::print("{}", manual(program));
  });
}

}  // namespace ddx::command
