import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  certificate: string;
  key: string;
}

/** A certificate authority of its own folder, by openssl. */
export class CertificateAuthority {
  readonly certificate: string;
  private issued = 0;

  constructor(private readonly folder: string) {
    this.openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -keyout ca.key -out ca.crt",
    );
    this.certificate = this.read("ca.crt");
  }

  /**
   * @param name alternative name of the subject, e.g. `DNS:api.example.com`.
   * @param subject e.g. `/CN=api`
   */
  issue(name: string, subject = "/"): Certificate {
    const file = `issued-${++this.issued}`;
    writeFileSync(join(this.folder, `${file}.ext`), `subjectAltName=critical,${name}`);
    const key = "ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    this.openssl(`req -newkey ${key} -subj ${subject} -keyout ${file}.key -out ${file}.csr`);
    const by = "-CA ca.crt -CAkey ca.key -CAcreateserial";
    this.openssl(`x509 -req -in ${file}.csr ${by} -days 2 -extfile ${file}.ext -out ${file}.crt`);
    return { certificate: this.read(`${file}.crt`), key: this.read(`${file}.key`) };
  }

  private openssl(command: string): void {
    execFileSync("openssl", command.split(" "), { cwd: this.folder, stdio: "pipe" });
  }

  private read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }
}
