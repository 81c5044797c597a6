# What is installed, and what the packages hold: `cmake --install build/release`, and ci/package.
include(GNUInstallDirs)

install(TARGETS keytrail RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# The program writes its manual pages and completions itself, from what --help is made of.
install(CODE "
  execute_process(
    COMMAND \"${PROJECT_SOURCE_DIR}/ci/write-manual\" \"$<TARGET_FILE:keytrail>\" \"${PROJECT_BINARY_DIR}/manual\"
    COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY "${PROJECT_BINARY_DIR}/manual/man1" DESTINATION "${CMAKE_INSTALL_MANDIR}")
install(FILES "${PROJECT_BINARY_DIR}/manual/keytrail.bash"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME keytrail)
install(FILES "${PROJECT_BINARY_DIR}/manual/keytrail.zsh"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" RENAME _keytrail)
install(FILES "${PROJECT_BINARY_DIR}/manual/keytrail.fish"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${PROJECT_BINARY_DIR}/manual/copyright"
  "${PROJECT_BINARY_DIR}/manual/changelog.gz" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_PACKAGE_NAME keytrail)
set(CPACK_PACKAGE_VENDOR "The keytrail developers")
set(CPACK_PACKAGE_CONTACT "The keytrail developers <keytrail@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds credentials in files and git histories, and says what to rotate")
set(CPACK_PACKAGE_VERSION "${KEYTRAIL_VERSION}")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION vcs)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Read when it sends tickets, and for nothing else.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "git, libcurl4 | libcurl4t64")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Finds credentials in files, archives and the whole history of git repositories,
follows each one to its owner in a token inventory, and says what must be
rotated, by whom and by when. For commits (hooks), merge gates (SARIF, GitHub,
GitLab, JUnit) and sweeps of many repositories: it scans what packs store
instead of what they expand to.")
set(CPACK_PACKAGE_FILE_NAME "keytrail-${KEYTRAIL_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}")
include(CPack)
