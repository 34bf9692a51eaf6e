#include "engine/base/shared_text.h"

#include <new>

#include "engine/base/check.h"

namespace calsync {

SharedText::Held* SharedText::Make(absl::string_view text) {
  CALSYNC_CHECK(text.size() <= UINT32_MAX);
  void* room = ::operator new(sizeof(Held) + text.size());
  Held* held = ::new (room) Held{{1}, static_cast<uint32_t>(text.size())};
  std::memcpy(static_cast<char*>(room) + sizeof(Held), text.data(), text.size());
  return held;
}

void SharedText::Destroy(Held* held) {
  held->~Held();
  ::operator delete(held);
}

}  // namespace calsync
