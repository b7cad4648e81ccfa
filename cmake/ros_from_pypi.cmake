# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# What message packages need beside ROS 2 from PyPI. Where ROS is installed otherwise it changes
# nothing.

# Have the messages of PACKAGE, which rosidl_generate_interfaces made, compile and load.
function(fix_messages package)
  # ROS from PyPI exports include folders of the machine that built it; CMake stops at a folder that
  # is not there.
  get_property(imported_targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS imported_targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders)
      set(kept "")
      foreach(folder IN LISTS folders)
        if(folder MATCHES "^\\$<" OR EXISTS "${folder}")
          list(APPEND kept "${folder}")
        endif()
      endforeach()
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${kept}")
    endif()
  endforeach()
  if(CMAKE_INSTALL_RPATH)
    # The pip route: messages lie outside LD_LIBRARY_PATH, yet ROS opens the middleware's type
    # support by its bare name, which works where it is loaded already.
    set(dispatcher ${package}__rosidl_typesupport_c)
    target_link_options(${dispatcher} PRIVATE LINKER:--no-as-needed)
    foreach(support rosidl_typesupport_fastrtps_c rosidl_typesupport_introspection_c)
      if(TARGET ${package}__${support})
        set_property(TARGET ${dispatcher} APPEND PROPERTY LINK_LIBRARIES ${package}__${support})
      endif()
    endforeach()
  endif()
endfunction()
