#!/usr/bin/env bash
# install_package PROGRAM PACKAGE: makes sure that a program is there, from Debian's packages where that can be done, as in CI.
install_package() {
  command -v "$1" >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } \
    >/dev/null 2>&1 </dev/null
}
