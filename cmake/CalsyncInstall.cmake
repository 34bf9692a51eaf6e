# What `cmake --install` puts where: the command, its units for systemd, alerting rules and a dashboard, the licence; and, as a CMake package, the engine and the fake for programs of others:
#
#   find_package(calsync REQUIRED)
#   target_link_libraries(my_test PRIVATE calsync::fake_http)
#
# Headers keep their paths ("engine/engine.h") below include/calsync. The package is a component of its own: `cmake --install build --component development`.
include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS calsync RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)
foreach(unit IN ITEMS user/calsync.service system/calsync@.service)
  get_filename_component(kind "${unit}" DIRECTORY)
  install(FILES "${PROJECT_SOURCE_DIR}/tools/packaging/${unit}" DESTINATION "lib/systemd/${kind}" COMPONENT program)
endforeach()

install(FILES "${PROJECT_SOURCE_DIR}/tools/packaging/prometheus/calsync.rules.yml" "${PROJECT_SOURCE_DIR}/tools/packaging/grafana/calsync.json"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/calsync" COMPONENT program)

# The rooms whose libraries others may link, and their headers but for those of tests.
set(CALSYNC_EXPORTED_ROOMS engine fakegoogle adapter/http)
get_property(targets GLOBAL PROPERTY CALSYNC_LIBRARIES)
foreach(target IN LISTS targets)
  get_target_property(folder ${target} SOURCE_DIR)
  file(RELATIVE_PATH room "${PROJECT_SOURCE_DIR}" "${folder}")
  get_target_property(test_only ${target} CALSYNC_TESTONLY)
  string(REGEX MATCH "^(engine|fakegoogle|adapter/http)(/|$)" exported "${room}")
  if(exported AND NOT test_only)
    string(REGEX REPLACE "^calsync_" "" name "${target}")
    set_target_properties(${target} PROPERTIES EXPORT_NAME "${name}")
    install(TARGETS ${target} EXPORT calsync ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/calsync" COMPONENT development)
  endif()
endforeach()
foreach(room IN LISTS CALSYNC_EXPORTED_ROOMS)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${room}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/calsync/${room}" COMPONENT development
    FILES_MATCHING PATTERN "*.h" PATTERN "testing" EXCLUDE)
endforeach()
install(EXPORT calsync NAMESPACE calsync:: FILE calsyncTargets.cmake DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/calsync" COMPONENT development)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/calsyncConfig.cmake.in" "${PROJECT_BINARY_DIR}/calsyncConfig.cmake"
  INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/calsync")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/calsyncConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/calsyncConfig.cmake" "${PROJECT_BINARY_DIR}/calsyncConfigVersion.cmake"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/calsync" COMPONENT development)

# `cpack -G DEB` in the build folder: the command and its units.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME calsync)
set(CPACK_PACKAGE_CONTACT "The CalSync authors <calsync@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME calsync)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# What it depends on is found out where the machine has the tools: CPack stops if it has the one and not the other.
find_program(CALSYNC_SHLIBDEPS dpkg-shlibdeps)
find_program(CALSYNC_FILE file)
mark_as_advanced(CALSYNC_SHLIBDEPS CALSYNC_FILE)
if(CALSYNC_SHLIBDEPS AND CALSYNC_FILE)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
