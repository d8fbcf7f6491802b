#!/bin/sh
# Install Dovecot, Postfix, libfaketime and a browser with letters for five languages, for the tests, if they are
# missing and this user may install packages.
packages="dovecot-imapd dovecot-lmtpd dovecot-sieve postfix openssl faketime chromium fonts-liberation fonts-vlgothic"
PATH="$PATH:/usr/sbin:/sbin"
if command -v dovecot >/dev/null && command -v postfix >/dev/null && command -v faketime >/dev/null \
    && [ -e /usr/lib/dovecot/lmtp ] && command -v chromium >/dev/null && [ -d /usr/share/fonts/truetype/vlgothic ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the mail servers and the browser the tests use: $packages"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } >"$log" 2>&1; then
        tail -5 "$log"
        [ -z "$CI" ] || exit 1
    fi
    rm -f "$log"
fi
exit 0
