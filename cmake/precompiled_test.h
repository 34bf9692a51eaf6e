// The same for tests, with GoogleTest.
#include "cmake/precompiled.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
