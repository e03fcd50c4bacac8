// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// /proc, /sys and Google Benchmark's view of the CPU enter; what is to be known of the machine leaves.
#include "machine.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "../roof/roof.hpp"

namespace bench {

namespace {

/// What follows `key :` in a file of such lines.
std::string value_of(char const* path, std::string const& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key))
      if (auto const colon = line.find(':'); colon != std::string::npos) {
        auto const from = line.find_first_not_of(" \t", colon + 1);
        return from == std::string::npos ? "" : line.substr(from);
      }
  return "";
}

std::string first_line(char const* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Seconds that processors spent with anything but waiting, stolen time included.
double busy_seconds() {
  std::istringstream line(first_line("/proc/stat"));
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, hard = 0, soft = 0, stolen = 0;
  line >> name >> user >> nice >> system >> idle >> waiting >> hard >> soft >> stolen;
  return (user + nice + system + hard + soft + stolen) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double seconds(timeval const& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); }

double own_seconds() {
  double total = 0;
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    total += seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return total;
}

}  // namespace

std::size_t cache_bytes(int level) {
  for (auto const& cache : benchmark::CPUInfo::Get().caches)
    if (cache.level == level && cache.type != "Instruction") return static_cast<std::size_t>(cache.size);
  return 0;
}

nlohmann::json describe_machine() {
  auto const& cpu = benchmark::CPUInfo::Get();
  utsname system{};
  uname(&system);
  nlohmann::json result;
  result["cpu"] = value_of("/proc/cpuinfo", "model name");
  result["cpu_family"] = value_of("/proc/cpuinfo", "cpu family");
  result["cpu_model"] = value_of("/proc/cpuinfo", "model\t");
  result["cores"] = cpu.num_cpus;
  result["avx512"] = static_cast<bool>(__builtin_cpu_supports("avx512f"));
  result["nominal_ghz"] = cpu.cycles_per_second / 1e9;
  result["memory"] = value_of("/proc/meminfo", "MemTotal");
  result["huge_pages"] = first_line("/sys/kernel/mm/transparent_hugepage/enabled");
  result["governor"] = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  result["kernel"] = std::string(system.sysname) + " " + system.release;
  for (int level : {1, 2, 3}) result["cache"].push_back(cache_bytes(level));
  std::ifstream release("/etc/os-release");
  for (std::string line; std::getline(release, line);)
    if (line.starts_with("PRETTY_NAME=")) result["system"] = line.substr(13, line.size() - 14);
  return result;
}

bystanders::bystanders() : busy_(busy_seconds()), own_(own_seconds()), at_(roof::now()) {}

double bystanders::processors() const {
  double const elapsed = std::max(roof::now() - at_, 1e-3);
  return std::max(0.0, (busy_seconds() - busy_ - (own_seconds() - own_)) / elapsed);
}

}  // namespace bench
