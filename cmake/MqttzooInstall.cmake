# What `cmake --install` puts where: programs, their manual pages, an example configuration, a systemd unit, the licence.

include(GNUInstallDirs)

find_program(HELP2MAN help2man)
if(NOT HELP2MAN)
  message(STATUS "help2man was not found: no manual pages")
endif()

# The target `programs` is what a user wants: no tests.
add_custom_target(programs)

# install_program(TARGET "one line of description"): the program and a manual page made of its --help.
function(install_program target description)
  add_dependencies(programs ${target})
  install(TARGETS ${target})
  if(NOT HELP2MAN OR MQTTZOO_SANITIZE)
    return()
  endif()
  set(page ${PROJECT_BINARY_DIR}/man/${target}.1)
  add_custom_command(OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${HELP2MAN} --no-info --name ${description} --output ${page} $<TARGET_FILE:${target}>
    DEPENDS ${target} VERBATIM COMMENT "Manual page ${target}(1)")
  add_custom_target(${target}_manual DEPENDS ${page})
  add_dependencies(programs ${target}_manual)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endfunction()

install_program(mqttzoo "MQTT broker that forms clusters through ZooKeeper")
install_program(mqttzoo_passwd "write the users of mqttzoo")
install_program(mqtt_pub "publish MQTT messages")
install_program(mqtt_sub "subscribe to MQTT topics and print what arrives")

configure_file(${PROJECT_SOURCE_DIR}/packaging/mqttzoo.service.in ${PROJECT_BINARY_DIR}/mqttzoo.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mqttzoo.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/mqttzoo.conf DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/mqttzoo)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
