"""The benchmark of design.md section 7: triagebot beside a bare baseline, on the same mails and servers."""
