// The words that stand for enumerators in the database. A word is a promise: databases of years ago hold it.
//
// Never the engine's Name(), which is for people and may be improved, nor a number, which moves when an enumerator is added. An
// enumerator without a word does not compile; a word without an enumerator was written by a newer version and is not guessed at.

#ifndef CALSYNC_ADAPTER_STORE_STORED_WORDS_H_
#define CALSYNC_ADAPTER_STORE_STORED_WORDS_H_

#include <optional>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "engine/api/calls.h"
#include "engine/host/audit.h"
#include "engine/state/group.h"
#include "engine/state/record.h"

namespace calsync::adapter {

// The word for a value; empty for a number that is no enumerator.
absl::string_view StoredWord(RecordKind value);
absl::string_view StoredWord(RecordStatus value);
absl::string_view StoredWord(Blocking value);
absl::string_view StoredWord(Answer value);
absl::string_view StoredWord(TagState value);
absl::string_view StoredWord(Hold value);
absl::string_view StoredWord(SeenAs value);
absl::string_view StoredWord(AccessRole value);
absl::string_view StoredWord(ChannelStatus value);
absl::string_view StoredWord(AuditKind value);

// The value that a word stands for, or nothing. Enumerators are numbered from 0 without gaps, so the first number without a word
// ends the search.
template <class Enum>
std::optional<Enum> FromStoredWord(absl::string_view word) {
  for (std::underlying_type_t<Enum> number = 0;; ++number) {
    const Enum value = static_cast<Enum>(number);
    const absl::string_view candidate = StoredWord(value);
    if (candidate.empty()) return std::nullopt;
    if (candidate == word) return value;
  }
}

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_STORED_WORDS_H_
