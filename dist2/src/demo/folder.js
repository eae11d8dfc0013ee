import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstreamNames } from './upstreams.js';
/** Writes the PKI into a fresh folder (mode 0700) below the system's folder for temporary files; keys get mode 0600. */
export async function makeFolder(pki, upstreams) {
    const path = mkdtempSync(join(tmpdir(), 'mtls-proxy-demo-'));
    const remove = () => rmSync(path, { recursive: true, force: true });
    const config = join(path, 'proxy.yaml');
    try {
        await writeFile(join(path, 'ca.pem'), pki.ca);
        await writeFile(join(path, 'client.crt'), pki.client.cert);
        await writeFile(join(path, 'client.key'), pki.client.key, { mode: 0o600 });
    }
    catch (error) {
        remove();
        throw error;
    }
    return { config, remove, configure: (port) => writeFile(config, configText(port, upstreams.ports)) };
}
/** The demo's configuration, as a person would write it. */
export function configText(port, ports) {
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
//# sourceMappingURL=folder.js.map