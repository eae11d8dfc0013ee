import { mkdtempSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Peer, startNginx } from '../../test/fixtures/peers.ts';
import { type Pki, pkiFiles } from '../../test/fixtures/pki.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';

const json = '{"device":"a1b2c3","state":"on","value":21.5}';

/**
 * The upstream of every scenario: nginx with mutual TLS 1.3 and 1.2.
 *
 * `/` a JSON document of 45 bytes, to POST as well · `/1m`, `/100m` bodies with a length · `/chunked` 16 KiB without ·
 * `/up` takes a body whole before it answers, in memory up to 1 MiB, and forgets it · `/many` 20 fields more · `/other` one more,
 * which is never the same.
 *
 * @param core the core it stays on; undefined: any
 */
export async function startUpstream(scope: Scope, pki: Pki, core: number | undefined): Promise<Peer> {
  const folder = await content(scope);
  const many = Array.from({ length: 20 }, (_, index) => `add_header X-Field-${index} "value ${index} of a field";`);
  const config = (port: number): string => `
  sendfile on;
  client_max_body_size 0;
  default_type application/json;
  keepalive_requests 100000000;
  # Ended while a proxy waits for its turn, a connection might be used once more in that moment.
  keepalive_timeout 1h;
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_certificate server.crt;
    ssl_certificate_key server.key;
    ssl_client_certificate ca.pem;
    ssl_verify_client on;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:10m;
    # stunnel reads no paths, so it cannot take the prefix off.
    rewrite ^/iot(/.*)$ $1;
    location / { return 200 '${json}'; }
    location = /other { add_header X-Request-Id $request_id; return 200 '${json}'; }
    location = /many { ${many.join(' ')} return 200 '${json}'; }
    location = /1m { root ${folder}; }
    location = /100m { root ${folder}; }
    location = /chunked { root ${folder}; sub_filter_types *; sub_filter never-there x; }
    # What mirrors a request reads its body first. Kept in a file, as for WebDAV, it would cost the upstream more than any proxy.
    location = /up {
      root ${folder};
      client_body_temp_path ${folder}/body;
      client_body_buffer_size 1m;
      mirror /mirrored;
      error_page 405 =201 @taken;
    }
    location = /mirrored { internal; return 204; }
    location @taken { return 201; }
  }`;
  return startNginx(scope, config, pkiFiles(pki), { core });
}

/** The files that are served, in memory where there is a place for that. */
async function content(scope: Scope): Promise<string> {
  const folder = mkdtempSync(join(memory(), 'bench-upstream-'));
  scope.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, bytes] of [
    ['1m', 2 ** 20],
    ['100m', 100 * 2 ** 20],
  ] as const) {
    const file = await open(join(folder, name), 'w');
    await file.truncate(bytes);
    await file.close();
  }
  await writeFile(join(folder, 'chunked'), 'x'.repeat(16 * 1024));
  return folder;
}

function memory(): string {
  try {
    rm(mkdtempSync('/dev/shm/bench-'), { recursive: true });
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
