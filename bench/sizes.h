// How many records the benchmarks go up to: by a flag, else by the memory there is.

#ifndef CALSYNC_BENCH_SIZES_H_
#define CALSYNC_BENCH_SIZES_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace calsync::bench {

// While a group is being built, each record is there twice. A quarter of the memory is left to others.
constexpr int64_t kBytesPerRecord = 1100;
constexpr int64_t kRecordsMost = 10'000'000;

inline int64_t AvailableBytes() {
  std::ifstream memory("/proc/meminfo");
  std::string name;
  std::string unit;
  for (int64_t kilobytes = 0; memory >> name >> kilobytes; std::getline(memory, unit)) {
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return int64_t{1} << 30;  // Nobody says: be modest.
}

// Takes --records_max=N out of the arguments, since Google Benchmark refuses what it does not know.
inline int64_t RecordsMax(int& argc, char** argv) {
  int64_t most = std::clamp<int64_t>(AvailableBytes() / 4 * 3 / kBytesPerRecord, 10'000, kRecordsMost);
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    absl::string_view value = argv[i];
    if (absl::ConsumePrefix(&value, "--records_max=")) {
      if (!absl::SimpleAtoi(value, &most) || most <= 0) most = 10'000;
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  return most;
}

// 10^4, 10^5, … up to `most`.
inline std::vector<int64_t> PowersUpTo(int64_t most) {
  std::vector<int64_t> sizes;
  for (int64_t size = 10'000; size <= std::min(most, kRecordsMost); size *= 10) sizes.push_back(size);
  if (sizes.empty()) sizes.push_back(most);
  return sizes;
}

// The main() of every benchmark here: `add` registers them for sizes up to the given one.
inline int Run(int argc, char** argv, void (*add)(int64_t records_max)) {
  add(RecordsMax(argc, argv));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace calsync::bench

#endif  // CALSYNC_BENCH_SIZES_H_
