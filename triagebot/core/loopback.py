"""Is a host this machine?"""

import ipaddress


def is_loopback(host: str) -> bool:
    """Given a host name or IP address, return whether it is this machine (RFC 1122 section 3.2.1.3)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
