import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type Peer, startCaddy, startNginx, startPeer } from '../../test/fixtures/peers.ts';
import { type Pki, pkiFiles } from '../../test/fixtures/pki.ts';
import { command } from '../../test/fixtures/proxy.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import type { Load } from './load.ts';

/** How a proxy reaches the upstream. */
export interface Way {
  /** Whether connections upstream are kept. */
  readonly keepAlive: boolean;
  /** Whether TLS sessions are resumed where they are not. */
  readonly resume: boolean;
  /** The only version offered; undefined: TLS 1.3 and 1.2. */
  readonly version?: 'TLSv1.2';
  /** Whether each request is logged to a file. */
  readonly log: boolean;
  /** Routes configured; requests go to `/iot/…`, or to `/r0/…`, `/r1/…` where there are more. */
  readonly routes: number;
}

/** The way of most scenarios: how somebody who reads the manual sets a proxy up. */
export const usual: Way = { keepAlive: true, resume: true, log: true, routes: 1 };

/** What a proxy is started with. */
export interface Place {
  readonly pki: Pki;
  /** Port of the upstream. */
  readonly upstream: number;
  /** The core for the proxy; undefined: any. */
  readonly core: number | undefined;
}

/** One of those that are compared. */
export interface Subject {
  readonly name: string;
  /** Whether it can go this way, and do this beside so many clients that send nothing; for the others the scenario is left out. */
  readonly can: (way: Way, load: Load, idle: number) => boolean;
  start(scope: Scope, place: Place, way: Way): Promise<Peer>;
}

/** How long connections to the upstream are kept: over the turns of all the others, so that none begins its own with handshakes. */
const kept = '10m';

/** Further arguments of Node for our own process, such as `--cpu-prof --cpu-prof-dir=…`. */
const profiling = process.env['BENCH_NODE_ARGS'] ?? '';
/** The Node program of a proxy that has no command of its own. */
const nodeProxy = fileURLToPath(new URL('./node-proxy.js', import.meta.url));
const nodeAlone = fileURLToPath(new URL('./node-alone.js', import.meta.url));
const noRoutes = ({ routes }: Way) => routes === 1;
const keptOnly = (way: Way) => way.keepAlive && noRoutes(way);

/** The built command as a user runs it, its log to a file as nginx's is, outside the configuration's folder, which is watched. */
export const ours: Subject = {
  name: 'local-mtls-proxy',
  can: () => true,
  start(scope, { pki, upstream, core }, way) {
    const tls = {
      ca: 'ca.pem',
      cert: 'client.crt',
      key: 'client.key',
      resume: way.resume,
      ...(way.version !== undefined && { versions: way.version }),
    };
    const url = `https://localhost:${upstream}`;
    const routes = prefixes(way).map((path, index) => ({ name: `r${index}`, match: { path }, upstream: url, tls }));
    const config = (port: number): string =>
      stringify(
        {
          listen: `127.0.0.1:${port}`,
          log: { level: way.log ? 'info' : 'warn', format: 'json' },
          defaults: { pool: { keepAlive: way.keepAlive, maxConnections: 1024, idleTimeout: kept } },
          routes,
        },
        // The proxy takes no file with so many of them.
        { aliasDuplicateObjects: false },
      );
    return startPeer(scope, {
      command: 'sh',
      args: () => [
        '-c',
        `mkdir log; exec '${process.execPath}' ${profiling} '${command}' run --config proxy.yaml > log/proxy.log`,
      ],
      files: (port) => ({ ...pkiFiles(pki), 'proxy.yaml': config(port) }),
      core,
    });
  },
};

/** One worker in one process; keep-alive upstream as its documentation of `upstream` advises. */
export const nginx: Subject = {
  name: 'nginx',
  can: () => true,
  start(scope, { pki, upstream, core }, way) {
    const location = (prefix: string): string => `
    location ${prefix}/ {
      proxy_pass https://api/;
      proxy_http_version 1.1;
      proxy_set_header Connection "${way.keepAlive ? '' : 'close'}";
      proxy_set_header Host localhost:${upstream};
      proxy_request_buffering off;
      proxy_ssl_certificate client.crt;
      proxy_ssl_certificate_key client.key;
      proxy_ssl_trusted_certificate ca.pem;
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;
      proxy_ssl_protocols ${way.version ?? 'TLSv1.2 TLSv1.3'};
      proxy_ssl_session_reuse ${way.resume ? 'on' : 'off'};
    }`;
    const config = (port: number): string => `
  client_max_body_size 0;
  upstream api {
    server 127.0.0.1:${upstream};
    ${way.keepAlive ? `keepalive 1024; keepalive_requests 100000000; keepalive_timeout ${kept};` : ''}
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    access_log ${way.log ? 'access.log combined' : 'off'};
    keepalive_requests 100000000;
    ${prefixes(way).map(location).join('')}
  }`;
    return startNginx(scope, config, pkiFiles(pki), { core });
  },
};

/** One thread; connections shared between clients, as `http-reuse` is described to need for speed. */
export const haproxy: Subject = {
  name: 'HAProxy',
  can: (way) => noRoutes(way) && way.resume,
  start(scope, { pki, upstream, core }, way) {
    const versions =
      way.version === undefined ? 'ssl-min-ver TLSv1.2' : `ssl-min-ver ${way.version} ssl-max-ver ${way.version}`;
    const config = (port: number): string => `
global
  nbthread 1
  maxconn 8192
  log stderr format raw local0
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend plain
  bind 127.0.0.1:${port}
  maxconn 8192
  ${way.log ? 'option httplog' : 'no log'}
  default_backend api
backend api
  ${way.keepAlive ? 'http-reuse always' : 'http-reuse never\n  option httpclose'}
  http-request set-header Host localhost:${upstream}
  http-request replace-path /iot/(.*) /\\1
  server api 127.0.0.1:${upstream} ssl crt client.pem ca-file ca.pem verify required verifyhost localhost sni str(localhost) pool-purge-delay ${kept} ${versions}
`;
    const { chain, key } = pki.client;
    return startPeer(scope, {
      command: 'sh',
      args: () => ['-c', 'exec haproxy -db -f haproxy.cfg 2> haproxy.log'],
      files: (port) => ({ ...pkiFiles(pki), 'client.pem': chain + key, 'haproxy.cfg': config(port) }),
      core,
    });
  },
};

/** Passes bytes on: what a proxy costs that reads no HTTP. A TLS connection for each of the client's. */
export const stunnel: Subject = {
  name: 'stunnel',
  can: keptOnly,
  start(scope, { pki, upstream, core }, way) {
    const config = (port: number): string => `
foreground = yes
pid =
debug = err
[api]
client = yes
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${upstream}
cert = client.crt
key = client.key
CAfile = ca.pem
verifyChain = yes
checkHost = localhost
sni = localhost
${way.version === undefined ? 'sslVersionMin = TLSv1.2' : `sslVersion = ${way.version}`}
`;
    return startPeer(scope, {
      command: 'stunnel4',
      args: () => ['stunnel.conf'],
      files: (port) => ({ ...pkiFiles(pki), 'stunnel.conf': config(port) }),
      core,
    });
  },
};

/** HTTP/1.1 upstream; its own log format to a file. */
export const caddy: Subject = {
  name: 'Caddy',
  can: (way) => noRoutes(way) && way.resume,
  start(scope, { pki, upstream, core }, way) {
    const config = (port: number): string => `{
	admin off
	auto_https off
	log {
		output discard
	}
}
http://:${port} {
	bind 127.0.0.1
	${way.log ? 'log {\n\t\toutput file access.log\n\t}' : ''}
	handle_path /iot/* {
		reverse_proxy https://localhost:${upstream} {
			header_up Host localhost:${upstream}
			transport http {
				versions 1.1
				compression off
				${way.keepAlive ? `keepalive ${kept}\n\t\t\t\tkeepalive_idle_conns_per_host 1024` : 'keepalive off'}
				tls_client_auth client.crt client.key
				tls_trusted_ca_certs ca.pem
				tls_server_name localhost
			}
		}
	}
}
`;
    return startCaddy(scope, config, pkiFiles(pki), { core, env: { GOMAXPROCS: '1' } });
  },
};

/** A proxy of a few lines around a library; see node-proxy.ts. */
const around = (library: 'http-proxy' | 'undici', can: Subject['can']): Subject => ({
  name: library === 'undici' ? 'undici' : 'http-proxy + agent',
  can,
  start(scope, { pki, upstream, core }, way) {
    return startPeer(scope, {
      command: process.execPath,
      args: (port) => [nodeProxy, library, String(port), String(upstream), way.version ?? ''],
      files: () => pkiFiles(pki),
      core,
    });
  },
});

export const httpProxy = around('http-proxy', keptOnly);
export const undici = around('undici', keptOnly);

/** Nothing but a part of Node: what no program of its public API can be cheaper than; see node-alone.ts. */
const alone = (name: string, kind: 'sockets' | 'server', can: Subject['can']): Subject => ({
  name,
  can: (way, load, idle) => noRoutes(way) && way.version === undefined && can(way, load, idle),
  start(scope, { pki, upstream, core }, way) {
    const manner = way.keepAlive ? 'kept' : way.resume ? 'resumed' : 'full';
    return startPeer(scope, {
      command: process.execPath,
      args: (port) => [nodeAlone, kind, String(port), String(upstream), manner],
      files: () => pkiFiles(pki),
      core,
    });
  },
});

export const nodeSockets = alone("Node's sockets alone", 'sockets', (way, _load, idle) => way.keepAlive && idle === 0);
export const nodeServer = alone(
  "Node's server and sockets alone",
  'server',
  (_way, { path, method, fields }) => path === '/iot/x' && method === undefined && fields === undefined,
);

/** All that can be compared, nginx first: ratios are to it. */
export const subjects: readonly Subject[] = [
  nginx,
  ours,
  haproxy,
  stunnel,
  caddy,
  httpProxy,
  undici,
  nodeSockets,
  nodeServer,
];

/** The paths of the routes. */
function prefixes({ routes }: Way): string[] {
  return routes === 1 ? ['/iot'] : Array.from({ length: routes }, (_, index) => `/r${index}`);
}
