// Partial responses: `fields=nextPageToken,items(id,start/dateTime)` (C-36).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_FIELDS_H_
#define CALSYNC_FAKEGOOGLE_HTTP_FIELDS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "fakegoogle/http/json.h"

namespace calsync::fake {

struct FieldTree {
  bool all = false;  // "*", or nothing below is named: everything.
  std::map<std::string, FieldTree> members;
};

// Nothing if the text is no selection.
std::optional<FieldTree> ParseFields(absl::string_view text);

// The first name that a response of that schema cannot have; "" if there is none.
std::string UnknownField(const FieldTree& tree, const std::string& schema);

// Takes out of a response what the selection does not name. Lists are looked through element by element.
void SelectFields(const FieldTree& tree, Json& json);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_FIELDS_H_
