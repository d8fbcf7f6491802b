#!/bin/sh
# Install Dovecot, Postfix and libfaketime for the tests, if they are missing and this user may install packages.
packages="dovecot-imapd dovecot-lmtpd dovecot-sieve postfix openssl faketime"
PATH="$PATH:/usr/sbin:/sbin"
if command -v dovecot >/dev/null && command -v postfix >/dev/null && command -v faketime >/dev/null \
    && [ -e /usr/lib/dovecot/lmtp ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the mail servers the tests use: $packages"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } >"$log" 2>&1; then
        tail -5 "$log"
        [ -z "$CI" ] || exit 1
    fi
    rm -f "$log"
fi
exit 0
