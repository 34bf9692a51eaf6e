// The canonical line of every input and effect, for traces and audits; and their digests, for hashes of whole runs (L11).
//
// No titles, guests or descriptions: only ids, times and states. The line is for people and may grow; the digest covers what
// decides.

#ifndef CALSYNC_ENGINE_RENDER_H_
#define CALSYNC_ENGINE_RENDER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"

namespace calsync {

std::string Render(const Input& input);
std::string Render(const Effect& effect);
std::string Render(const Request& request);
std::string Render(const Reply& reply);

// 64 bits over everything in the effect that the host acts upon. Equal effects give equal digests in every run and on every
// machine.
uint64_t DigestOf(const Effect& effect);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_RENDER_H_
