// All laws, each in its own file. What the checks return is empty if the law holds, else the breach in plain words.

#ifndef CALSYNC_SCENARIOS_LAWS_LAWS_H_
#define CALSYNC_SCENARIOS_LAWS_LAWS_H_

#include "scenarios/laws/at_rest.h"
#include "scenarios/laws/ideal.h"
#include "scenarios/laws/l01_no_cascade.h"
#include "scenarios/laws/l02_no_double.h"
#include "scenarios/laws/l03_nothing_missed.h"
#include "scenarios/laws/l04_quiescence.h"
#include "scenarios/laws/l05_no_orphan.h"
#include "scenarios/laws/l06_hands_off.h"
#include "scenarios/laws/l07_durable.h"
#include "scenarios/laws/l08_bounded_writes.h"
#include "scenarios/laws/l09_private.h"
#include "scenarios/laws/l10_isolation.h"
#include "scenarios/laws/l11_determinism.h"
#include "scenarios/laws/l12_honest.h"
#include "scenarios/laws/one_owner.h"
#include "scenarios/laws/told.h"

#endif  // CALSYNC_SCENARIOS_LAWS_LAWS_H_
