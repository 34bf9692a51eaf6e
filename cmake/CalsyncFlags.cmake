# How our own code is compiled: the language, the warnings that are errors, the sanitizers. Nothing here touches code of others: their headers come in as
# system headers, in which nothing warns.
include_guard(GLOBAL)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)  # tools/tidy reads it.

# Sanitizers, separated by commas: "address,undefined", "thread", "fuzzer,address,undefined" (clang only).
set(CALSYNC_SANITIZE "" CACHE STRING "sanitizers for all our code, separated by commas; empty for none")

find_program(CALSYNC_CCACHE ccache)
mark_as_advanced(CALSYNC_CCACHE)
if(CALSYNC_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths in the cache are relative to the checkout, so that a second checkout, or a moved one, finds what the first compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 CCACHE_ABSSTDERR=1 "${CALSYNC_CCACHE}")
endif()

# Everything of ours links to this target; it has no code.
add_library(calsync_flags INTERFACE)
target_include_directories(calsync_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(calsync_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Werror
  # Designated initialisers leave fields at their defaults on purpose.
  -Wno-missing-field-initializers
  # __FILE__ in messages reads "engine/decide/classify.cc", wherever the checkout lies, and no binary names the machine that built it.
  # (The second form is what ccache makes of it.)
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=" -ffile-prefix-map=../../=)
# A program loads only the libraries that it calls; without this, every one that Abseil's targets name.
target_link_options(calsync_flags INTERFACE -Wl,--as-needed)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(calsync_flags INTERFACE
    # g++ 12 sees uninitialised values in std::optional and std::variant, and overlapping copies in std::string's operator+, where there are none.
    -Wno-maybe-uninitialized -Wno-restrict)
else()
  target_compile_options(calsync_flags INTERFACE
    # Part of clang's -Wconversion but not of g++'s: one code, one measure.
    -Wno-sign-conversion
    # clang 14 does not know that C++20 allows a variadic macro without arguments; GoogleTest's macros are used so.
    -Wno-gnu-zero-variadic-macro-arguments)
endif()

if(CALSYNC_SANITIZE)
  string(REPLACE "," ";" _sanitizers "${CALSYNC_SANITIZE}")
  if("fuzzer" IN_LIST _sanitizers AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "CALSYNC_SANITIZE=${CALSYNC_SANITIZE}: only clang has libFuzzer; use the preset 'fuzz' or 'afl'")
  endif()
  # A fuzzer brings a main() of its own, so only calsync_fuzzer links to it; all other code is merely instrumented. AFL++'s compiler does that without being told.
  if(CMAKE_CXX_COMPILER MATCHES "/afl-[^/]*$")
    list(REMOVE_ITEM _sanitizers "fuzzer")
  else()
    list(TRANSFORM _sanitizers REPLACE "^fuzzer$" "fuzzer-no-link")
  endif()
  list(JOIN _sanitizers "," _sanitizers)
  target_compile_options(calsync_flags INTERFACE
    "-fsanitize=${_sanitizers}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(calsync_flags INTERFACE "-fsanitize=${_sanitizers}")
  if("thread" IN_LIST _sanitizers AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(calsync_flags INTERFACE -Wno-tsan)  # Asio has fences that ThreadSanitizer does not know; one thread runs its loop.
  endif()
endif()
