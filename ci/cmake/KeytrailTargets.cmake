# keytrail_folder(NAME SOURCES file... LINKS target...): the library target of one folder under scanner/.
function(keytrail_folder name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(keytrail_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(keytrail_${name} PUBLIC keytrail_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# keytrail_unit_test(FOLDER file...): one Catch2 program for the tests of one folder under scanner/.
function(keytrail_unit_test folder)
  add_executable(test_${folder} ${ARGN})
  target_link_libraries(test_${folder} PRIVATE keytrail_${folder} keytrail_test_support)
  add_test(NAME unit/${folder} COMMAND test_${folder})
  set_tests_properties(unit/${folder} PROPERTIES TIMEOUT 300)
endfunction()
