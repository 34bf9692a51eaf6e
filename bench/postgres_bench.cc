// What one commit costs on PostgreSQL, beside the same rows in a bare transaction of one round trip: no owner is compared, no
// rule of the engine's judged. The server is one of our own on a socket, which syncs its disk. Without one nothing is measured.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/store/column_names.h"
#include "adapter/store/columns.h"
#include "adapter/store/postgres_columns.h"
#include "adapter/store/postgres_connection.h"
#include "adapter/store/postgres_store.h"
#include "adapter/store/testing/postgres_server.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

using adapter::PostgresConnection;
using adapter::PostgresServer;
using adapter::PostgresStatement;
using adapter::PostgresStore;

struct Scene {
  explicit Scene(size_t size)
      : url(Server().NewDatabase()), store(*PostgresStore::Open(url, {})), records(RealisticRecords(size)) {
    epoch = store->Load(group)->epoch;
    Commit all;
    all.records = records;
    CALSYNC_CHECK(store->Apply(group, epoch, all).ok());
  }
  static PostgresServer& Server() {
    static PostgresServer server(PostgresServer::Disk::kSynced);
    return server;
  }
  // The next rows, each changed.
  std::vector<Record> Next(int64_t rows) {
    std::vector<Record> changed;
    for (int64_t i = 0; i < rows; ++i) {
      next = (next + 7919) % records.size();
      changed.push_back(records[next]);
      changed.back().updated_ms = ++version;
    }
    return changed;
  }

  const GroupId group{"ann"};
  std::string url;
  std::unique_ptr<PostgresStore> store;
  std::vector<Record> records;
  int64_t epoch = 0;
  size_t next = 0;
  int64_t version = 0;
};

void Apply(benchmark::State& state) {
  Scene scene(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    Commit commit;
    commit.records = scene.Next(state.range(1));
    CALSYNC_CHECK(scene.store->Apply(scene.group, scene.epoch, commit).ok());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void Bare(benchmark::State& state) {
  Scene scene(static_cast<size_t>(state.range(0)));
  const auto connection = *PostgresConnection::Open(scene.url, {});
  const adapter::ColumnNames columns = adapter::RecordColumns();
  const std::string put =
      absl::StrCat("INSERT INTO record (group_key, ", columns.names(), ") VALUES (1, ", columns.NumberedFrom(1),
                   ") ON CONFLICT (group_key, calendar, event) DO UPDATE SET ", columns.assignments());
  for (auto _ : state) {
    std::vector<PostgresStatement> statements;
    for (const Record& record : scene.Next(state.range(1))) {
      PostgresStatement& statement = statements.emplace_back(PostgresStatement{put, {}});
      adapter::ForEachRecordColumn(record, adapter::PostgresBinder(&statement.values));
    }
    CALSYNC_CHECK(connection->Run(std::move(statements), PostgresConnection::Ends::kDurable).ok());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void Add(int64_t records_max) {
  if (!PostgresServer::WhyNot().empty()) return;
  const int64_t size = std::min<int64_t>(records_max, 10'000);
  for (const int64_t rows : {1, 10, 250}) {
    const std::pair<const char*, void (*)(benchmark::State&)> kBoth[] = {{"Postgres/floor", Bare}, {"Postgres/apply", Apply}};
    for (const auto& [name, function] : kBoth) {
      benchmark::RegisterBenchmark(name, function)
          ->Args({size, rows})
          ->ArgNames({"records", "rows"})
          ->Unit(benchmark::kMicrosecond)
          ->UseRealTime();
    }
  }
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::Add); }
