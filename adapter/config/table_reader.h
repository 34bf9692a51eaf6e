// One table of a TOML file, read key by key, so that whatever is left over or of the wrong kind is named with its line.

#ifndef CALSYNC_ADAPTER_CONFIG_TABLE_READER_H_
#define CALSYNC_ADAPTER_CONFIG_TABLE_READER_H_

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

// A whole file. Errors: InvalidArgument with the line.
absl::StatusOr<toml::table> ParseToml(const std::string& file, absl::string_view text);

class TableReader {
 public:
  // `where` says in messages which table it is: `group "ann"`; empty: the file's own level.
  TableReader(const std::string& file, std::string where, const toml::table& table)
      : file_(file), where_(std::move(where)), table_(table) {}

  // Each reads one key; absent keys leave `value` as it is. The first thing that is wrong is kept for Finish().
  void Text(absl::string_view key, std::string& value);
  void Flag(absl::string_view key, bool& value);
  void Number(absl::string_view key, int64_t least, int64_t most, int64_t& value);
  // "90s", "5m", "24h", "14d". Not below `least`, and no more than a hundred years.
  void Lasting(absl::string_view key, absl::Duration least, absl::Duration& value);
  void Texts(absl::string_view key, std::vector<std::string>& value);
  void Numbers(absl::string_view key, int64_t least, int64_t most, std::vector<int64_t>& value);
  // One of the words; the answer is its place among them, or nothing if the key is absent or the word none of them.
  std::optional<size_t> Word(absl::string_view key, const std::vector<std::string>& words);
  const toml::table* Table(absl::string_view key);
  std::vector<const toml::table*> Tables(absl::string_view key);

  bool Has(absl::string_view key) const;
  // Something is wrong with the key's value, found by the caller. The first one stands.
  void Complain(absl::string_view key, absl::string_view what);
  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  // InvalidArgument for the first thing that was wrong, a key that nobody read among them.
  absl::Status Finish();

 private:
  const toml::node* Take(absl::string_view key);
  std::string At(const toml::source_region& source) const;

  const std::string& file_;
  std::string where_;
  const toml::table& table_;
  absl::btree_set<std::string> known_;
  absl::Status status_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_TABLE_READER_H_
