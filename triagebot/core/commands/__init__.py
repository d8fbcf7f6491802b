"""What the developer may answer to a digest: lines with one meaning each, and the token that lets them take effect."""
