"""Reading a received mail's bytes: headers, addresses, charsets, new text."""
