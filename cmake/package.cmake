# One library of all layers and components, installed with the public headers for find_package(Batchout).

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

get_property(layers GLOBAL PROPERTY batchout_layers)
get_property(components GLOBAL PROPERTY batchout_components)
get_property(needs GLOBAL PROPERTY batchout_needs)
list(TRANSFORM components PREPEND batchout-component-)
list(REMOVE_DUPLICATES needs)

add_library(batchout STATIC)
foreach(part ${layers} ${components} batchout-components)
  target_sources(batchout PRIVATE $<TARGET_OBJECTS:${part}>)
endforeach()
set_target_properties(batchout PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(batchout PUBLIC cxx_std_23)
target_include_directories(batchout PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(batchout PUBLIC Threads::Threads PRIVATE fmt::fmt ${needs})
add_library(Batchout::batchout ALIAS batchout)

set(destination ${CMAKE_INSTALL_LIBDIR}/cmake/Batchout)
install(TARGETS batchout EXPORT BatchoutTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/batchout DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT BatchoutTargets NAMESPACE Batchout:: DESTINATION ${destination})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/BatchoutConfig.cmake.in
                              ${CMAKE_CURRENT_BINARY_DIR}/BatchoutConfig.cmake INSTALL_DESTINATION ${destination})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/BatchoutConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/BatchoutConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/BatchoutConfigVersion.cmake
        DESTINATION ${destination})
