#include "engine/api/failure.h"

#include <ostream>
#include <string>

#include "gtest/gtest.h"

namespace calsync {
inline void PrintTo(Failure failure, std::ostream* out) { *out << Name(failure); }

namespace {

constexpr CallKind kAllKinds[] = {CallKind::kListFromToken, CallKind::kListAll,  CallKind::kGet,   CallKind::kInsert,
                                  CallKind::kPatch,         CallKind::kDelete,   CallKind::kWatch, CallKind::kStop,
                                  CallKind::kGetCalendar,   CallKind::kInstances};
constexpr CallKind kWritesAndReads[] = {CallKind::kGet, CallKind::kInsert, CallKind::kPatch, CallKind::kDelete,
                                        CallKind::kInstances};

ApiError Answered(int code, const std::string& reason = "") { return {.code = code, .reason = reason}; }

// Contract section 6.1, row by row.
TEST(Failure, FollowsTheTableOfTheContract) {
  const struct {
    int code;
    const char* reason;
    Failure want;
  } kRows[] = {
      {400, "timeRangeEmpty", Failure::kRejected},
      {400, "required", Failure::kRejected},
      {400, "invalid", Failure::kRejected},
      {400, "cannotChangeOrganizer", Failure::kRejected},
      {400, "malformedOutOfOfficeEvent", Failure::kRejected},
      {400, "pushNotSupportedForRequestedResource", Failure::kRejected},
      {400, "channelIdNotUnique", Failure::kRejected},
      {401, "authError", Failure::kRefusedForNow},
      {401, "required", Failure::kRefusedForNow},
      {403, "userRateLimitExceeded", Failure::kRefusedForNow},
      {403, "rateLimitExceeded", Failure::kRefusedForNow},
      {403, "RATE_LIMIT_EXCEEDED", Failure::kRefusedForNow},
      {403, "quotaExceeded", Failure::kUsageLimit},
      {403, "dailyLimitExceeded", Failure::kUsageLimit},
      {403, "requiredAccessLevel", Failure::kNoAccess},
      {403, "forbidden", Failure::kForbidden},
      {403, "forbiddenForNonOrganizer", Failure::kRejected},
      {403, "forbiddenForServiceAccounts", Failure::kRejected},
      {403, "insufficientPermissions", Failure::kNoAccess},
      {403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", Failure::kNoAccess},
      {403, "accessNotConfigured", Failure::kNoAccess},
      {403, "notACalendarUser", Failure::kNoAccess},
      {403, "", Failure::kForbidden},
      {404, "notFound", Failure::kNotFound},
      {409, "duplicate", Failure::kIdTaken},
      {409, "conflict", Failure::kRefusedForNow},
      {410, "deleted", Failure::kGone},
      {412, "conditionNotMet", Failure::kStale},
      {429, "rateLimitExceeded", Failure::kRefusedForNow},
      {429, "", Failure::kRefusedForNow},
      {500, "backendError", Failure::kAmbiguous},
      {502, "", Failure::kAmbiguous},
      {503, "backendError", Failure::kAmbiguous},
      {504, "", Failure::kAmbiguous},
  };
  for (const auto& row : kRows) {
    for (const CallKind call : kWritesAndReads) {
      EXPECT_EQ(FailureOf(call, Answered(row.code, row.reason)), row.want) << row.code << " " << row.reason;
    }
  }
}

TEST(Failure, ABadSyncTokenMeansAFullWalk) {  // C-26
  EXPECT_EQ(FailureOf(CallKind::kListFromToken, Answered(410, "fullSyncRequired")), Failure::kSyncTokenInvalid);
  EXPECT_EQ(FailureOf(CallKind::kListFromToken, Answered(400, "invalid")), Failure::kSyncTokenInvalid);
  EXPECT_EQ(FailureOf(CallKind::kListFromToken, Answered(400)), Failure::kSyncTokenInvalid);
  EXPECT_EQ(FailureOf(CallKind::kListAll, Answered(410, "updatedMinTooLongAgo")), Failure::kSyncTokenInvalid);
  // Without a token, the query itself is wrong.
  EXPECT_EQ(FailureOf(CallKind::kListAll, Answered(400, "invalid")), Failure::kRejected);
}

TEST(Failure, ListingsAreRefusedLikeOtherCalls) {
  for (const CallKind call : {CallKind::kListFromToken, CallKind::kListAll}) {
    EXPECT_EQ(FailureOf(call, Answered(403, "rateLimitExceeded")), Failure::kRefusedForNow);
    EXPECT_EQ(FailureOf(call, Answered(403, "forbidden")), Failure::kForbidden);
    EXPECT_EQ(FailureOf(call, Answered(404, "notFound")), Failure::kNotFound);
    EXPECT_EQ(FailureOf(call, Answered(503)), Failure::kAmbiguous);
  }
}

TEST(Failure, WhatWasNotSentDidNotHappenAndWhatWasCutMayHave) {  // C-42
  for (const CallKind call : kAllKinds) {
    EXPECT_EQ(FailureOf(call, {.transport = Transport::kNotSent}), Failure::kRefusedForNow);
    EXPECT_EQ(FailureOf(call, {.transport = Transport::kTimeout}), Failure::kAmbiguous);
    EXPECT_EQ(FailureOf(call, {.transport = Transport::kReset}), Failure::kAmbiguous);
    EXPECT_EQ(FailureOf(call, {.transport = Transport::kUnreadable, .code = 200}), Failure::kAmbiguous);
    EXPECT_EQ(FailureOf(call, {.transport = Transport::kUnreadable, .code = 409}), Failure::kAmbiguous);
  }
}

TEST(Failure, IsTotalOverCodesAndReasonsNobodyHasSeen) {
  for (const CallKind call : kAllKinds) {
    for (int code = 400; code < 500; ++code) EXPECT_NE(Name(FailureOf(call, Answered(code, "aReasonOf2031"))), "?");
    for (int code = 500; code < 600; ++code) EXPECT_EQ(FailureOf(call, Answered(code, "aReasonOf2031")), Failure::kAmbiguous);
  }
  EXPECT_EQ(FailureOf(CallKind::kInsert, Answered(418)), Failure::kRejected);
}

TEST(Failure, IsNeverDecidedByTheMessage) {  // S-26
  ApiError error = Answered(403, "forbidden");
  error.message = "Rate Limit Exceeded";
  EXPECT_EQ(FailureOf(CallKind::kInsert, error), Failure::kForbidden);
}

TEST(Failure, IsToldInOneLineThatSaysWhy) {
  const struct {
    ApiError error;
    const char* want;
  } kRows[] = {
      {{.code = 429, .reason = "rateLimitExceeded", .message = "Dentist"}, "refused for now (429 rateLimitExceeded)"},
      {{.code = 429}, "refused for now (429)"},
      {{.transport = Transport::kNotSent}, "not sent"},
      {{.transport = Transport::kNotSent, .message = "Connection refused\nand more"}, "not sent: Connection refused"},
      {{.transport = Transport::kNotSent, .code = 401, .reason = "authError", .message = "To reconnect: …"},
       "not sent: the account's grant does not work"},
      {{.transport = Transport::kTimeout}, "no answer in time"},
      {{.transport = Transport::kReset, .message = "Recv failure"}, "the connection was cut: Recv failure"},
      {{.transport = Transport::kUnreadable, .code = 200, .message = "Dentist"}, "the answer cannot be read: 200"},
  };
  for (const auto& row : kRows) EXPECT_EQ(WordsOf(FailureOf(CallKind::kListAll, row.error), row.error), row.want);
}

}  // namespace
}  // namespace calsync
