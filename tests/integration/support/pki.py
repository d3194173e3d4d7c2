"""Certificates for one test run, made at start with the openssl command; nothing checked in can expire."""

import os
import subprocess


class Pki:
    """CAs, leaves and keys as PEM files in `folder`. NAME.crt, NAME.key, NAME.pem (both)."""

    def __init__(self, folder):
        self.folder = folder
        self.ca("ca")

    def path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=self.folder, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    @staticmethod
    def _key(kind):
        if kind == "rsa":
            return ["-newkey", "rsa:2048", "-nodes"]
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    def ca(self, name):
        self._openssl("req", "-x509", *self._key("ec"), "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
                      "-subj", f"/CN=Test CA {name}")
        return self.path(f"{name}.pem")

    def intermediate(self, name, ca="ca"):
        """A CA below `ca`; its certificate alone is NAME.pem."""
        self._openssl("req", *self._key("ec"), "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        with open(self.path(f"{name}.ext"), "w") as ext:
            ext.write("basicConstraints=critical,CA:TRUE\n")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-days", "2", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key",
                      "-CAcreateserial", "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def leaf(self, name, san="DNS:localhost,IP:127.0.0.1", ca="ca", kind="ec", common_name=None, expired=False):
        self._openssl("req", *self._key(kind), "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                      f"/CN={common_name or name}")
        with open(self.path(f"{name}.ext"), "w") as ext:
            ext.write(f"subjectAltName={san}\n" if san else "basicConstraints=CA:FALSE\n")
        sign = ["-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-extfile", f"{name}.ext", "-out",
                f"{name}.crt"]
        if expired:
            # x509 cannot sign with a validity in the past; ca(1) can.
            self._expired(name, ca)
        else:
            self._openssl("x509", "-req", "-in", f"{name}.csr", "-days", "2", *sign)
        with open(self.path(f"{name}.crt")) as crt, open(self.path(f"{name}.key")) as key:
            with open(self.path(f"{name}.pem"), "w") as pem:
                pem.write(crt.read() + key.read())
        return self.path(f"{name}.pem")

    def _expired(self, name, ca):
        for file, text in (("index.txt", ""), ("serial", "1000\n"),
                           ("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
                                      "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")):
            with open(self.path(file), "w") as out:
                out.write(text)
        self._openssl("ca", "-batch", "-config", "ca.cnf", "-cert", f"{ca}.pem", "-keyfile", f"{ca}.key", "-in",
                      f"{name}.csr", "-out", f"{name}.crt", "-startdate", "20200101000000Z", "-enddate",
                      "20200201000000Z", "-extfile", f"{name}.ext", "-notext")

    def revoke(self, name, ca="ca", to="revoked.pem"):
        """A list of the CA that revokes that leaf; None: nobody."""
        for file, text in {"rev.txt": "", "rev.cnf": f"[ca]\ndefault_ca=d\n[d]\ndatabase={self.path('rev.txt')}\n"
                                                      "default_md=sha256\ndefault_crl_days=2\n"}.items():
            with open(self.path(file), "w") as out:
                out.write(text)
        base = ["ca", "-config", "rev.cnf", "-cert", f"{ca}.pem", "-keyfile", f"{ca}.key"]
        if name:
            self._openssl(*base, "-revoke", f"{name}.crt")
        self._openssl(*base, "-gencrl", "-out", to)
        return self.path(to)
