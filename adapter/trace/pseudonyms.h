// Other texts for the texts of a recording, so that what the engine does with them stays the same.
//
// The engine compares texts, strips them, looks for keywords in titles, puts titles and names into templates, and takes texts of
// the system before this one apart by its marks. A pseudonym goes along with all of it: equal texts have equal ones, white space
// around them stays, a title with a keyword in it has that keyword's pseudonym in its own, and the pseudonym of a filled template
// is that template's pseudonym filled with the filling's. Everything else about a text is lost. Without the key nobody can tell
// whether a pseudonym stands for a text that they guess.

#ifndef CALSYNC_ADAPTER_TRACE_PSEUDONYMS_H_
#define CALSYNC_ADAPTER_TRACE_PSEUDONYMS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "engine/base/siphash.h"
#include "engine/state/group.h"

namespace calsync::adapter {

enum class Texts : uint8_t {
  kRedacted,
  kKept,  // The operator wants to see them. Secrets are left out all the same.
};

class Pseudonyms {
 public:
  // `config`: whose templates, marks, keywords and names of calendars its texts are made of.
  Pseudonyms(const SipKey& key, Texts texts, const GroupConfig& config);

  // A title or a description; the name of a calendar, too. Empty texts stay empty.
  std::string Text(absl::string_view text) const;
  // A template of blocks, or a mark of the system before this one.
  std::string Template(absl::string_view text_template) const;
  std::string Keyword(absl::string_view keyword) const;
  std::string Address(absl::string_view email) const;  // Calendar ids, too.
  // An id of an event that is not certified. What makes it an occurrence's stays.
  std::string EventId(absl::string_view id) const;
  // Depends on the engine's hash of it alone, which records keep, see HashOfICalUid.
  std::string ICalUid(absl::string_view uid) const;
  uint64_t ICalUidHash(uint64_t hash) const;
  std::string Zone(absl::string_view zone) const;
  std::string RecurrenceLine(absl::string_view line) const;
  std::string Reason(absl::string_view reason) const;  // Of an error, as Google words it.
  std::string Opaque(absl::string_view text) const;    // Nobody reads it: etags, tokens. Replaced also where texts are kept.
  std::string Word(absl::string_view text) const;      // Whatever else people or programs may have written.

 private:
  // A filled template, and its pseudonym.
  struct Pattern {
    std::string prefix, suffix;
    std::string other_prefix, other_suffix;
  };

  std::string Named(absl::string_view prefix, absl::string_view text) const;
  std::string Literal(absl::string_view text) const;
  std::string Core(absl::string_view text) const;
  std::string Plain(absl::string_view text) const;
  void TakeTemplate(const GroupConfig& config, absl::string_view text_template);
  void TakePattern(absl::string_view text, absl::string_view other, absl::string_view placeholder);

  SipKey key_;
  Texts texts_;
  std::vector<std::string> keywords_;                       // As the engine looks for them …
  std::vector<std::string> other_keywords_;                 // … and theirs, in the same order.
  std::vector<Pattern> patterns_;                           // The longest first.
  absl::flat_hash_map<std::string, std::string> literals_;  // Look-ups only.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_PSEUDONYMS_H_
