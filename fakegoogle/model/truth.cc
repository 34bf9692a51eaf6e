#include "fakegoogle/model/truth.h"

#include "absl/strings/str_cat.h"

namespace calsync::fake {

std::string ToString(ActorId actor) {
  switch (actor.kind) {
    case ActorKind::kGoogle:
      return "google";
    case ActorKind::kPerson:
      return absl::StrCat("person ", actor.number);
    case ActorKind::kProgram:
      return absl::StrCat("program ", actor.number);
    case ActorKind::kEngine:
      return absl::StrCat("engine ", actor.number);
  }
  return "?";
}

absl::string_view Name(Origin origin) {
  switch (origin) {
    case Origin::kInserted:
      return "inserted";
    case Origin::kImported:
      return "imported";
    case Origin::kCopied:
      return "copied";
    case Origin::kMoved:
      return "moved";
    case Origin::kPlanted:
      return "planted";
    case Origin::kChanged:
      return "changed";
    case Origin::kSplit:
      return "split";
  }
  return "?";
}

absl::string_view Name(WriteKind kind) {
  switch (kind) {
    case WriteKind::kInserted:
      return "inserted";
    case WriteKind::kOverwritten:
      return "overwritten";
    case WriteKind::kImported:
      return "imported";
    case WriteKind::kPatched:
      return "patched";
    case WriteKind::kReplaced:
      return "replaced";
    case WriteKind::kRevived:
      return "revived";
    case WriteKind::kDeleted:
      return "deleted";
    case WriteKind::kMovedAway:
      return "moved away";
    case WriteKind::kMovedIn:
      return "moved in";
    case WriteKind::kPropagated:
      return "propagated";
    case WriteKind::kAnswered:
      return "answered";
    case WriteKind::kTouched:
      return "touched";
    case WriteKind::kPlanted:
      return "planted";
  }
  return "?";
}

}  // namespace calsync::fake
