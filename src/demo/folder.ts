import { mkdtempSync, promises, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pki } from './pki.ts';
import { type Upstreams, upstreamNames } from './upstreams.ts';

/** A folder that only this user can read, with a configuration and the files that it names. */
export interface Folder {
  /** Absolute path of proxy.yaml. */
  readonly config: string;
  /** (Over)writes proxy.yaml for this port of 127.0.0.1. */
  configure(port: number): Promise<void>;
  /** Removes the folder; synchronous, so that it can be done while the process exits. */
  remove(): void;
}

/** Writes the PKI into a fresh folder (mode 0700) below the system's folder for temporary files; keys get mode 0600. */
export async function makeFolder(pki: Pki, upstreams: Upstreams): Promise<Folder> {
  const path = mkdtempSync(join(tmpdir(), 'mtls-proxy-demo-'));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  const config = join(path, 'proxy.yaml');
  try {
    await promises.writeFile(join(path, 'ca.pem'), pki.ca);
    await promises.writeFile(join(path, 'client.crt'), pki.client.cert);
    await promises.writeFile(join(path, 'client.key'), pki.client.key, { mode: 0o600 });
  } catch (error) {
    remove();
    throw error;
  }
  return { config, remove, configure: (port) => promises.writeFile(config, configText(port, upstreams.ports)) };
}

/** The demo's configuration, as a person would write it. */
function configText(port: number, ports: Upstreams['ports']): string {
  const routes = upstreamNames.map((name) => {
    const lines = [
      `  - name: ${name}`,
      `    match: { path: /${name} }`,
      `    upstream: https://127.0.0.1:${ports[name]}`,
      ...(name === 'legacy' ? ['    tls: { versions: [TLSv1.2, TLSv1.1, TLSv1] }'] : []),
    ];
    return lines.join('\n');
  });
  return `# Written by "mtls-proxy demo", and removed when it ends.
listen: 127.0.0.1:${port}
log: { level: info, format: json }
defaults:
  tls: { ca: ca.pem, cert: client.crt, key: client.key }
routes:
${routes.join('\n')}
`;
}
