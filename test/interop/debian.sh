#!/usr/bin/env bash
# install_package PROGRAM PACKAGE: gets a program that is not there from Debian's packages, where that can be done, as in
# CI. Whether it is there then, the caller looks.
install_package() {
  command -v "$1" >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } \
    >/dev/null 2>&1 </dev/null || true
}
