"""A certification authority that lives as long as the test run, and a certificate for localhost."""

import subprocess


def make(folder):
    """Leaves ca.pem, site.pem and site.key in the folder, by the openssl command."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    # Without keyUsage it is no authority to Python 3.13 (RFC 5280, 4.2.1.3).
    authority = ["-subj", "/CN=pintle test CA", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    site = ["-subj", "/CN=localhost", "-keyout", f"{folder}/site.key", "-out", f"{folder}/site.pem",
            "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext", "basicConstraints=critical,CA:FALSE"]
    for what in authority, site:
        subprocess.run(["openssl", "req", "-x509", *key, *what], check=True, capture_output=True)
