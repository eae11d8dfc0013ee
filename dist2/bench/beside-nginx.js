/**
 * CPU time of the proxy process per request, this proxy beside nginx in the same run.
 *
 * plain HTTP → proxy → mutual TLS 1.3 → nginx, a JSON document of 45 bytes, 32 clients from one thread of wrk. The two
 * take turns, so that what else the machine does meets both alike. Linux with nginx and wrk installed; loopback only;
 * ends by itself. Options of every script that uses it: --rounds 5, --seconds 5, --cpu-prof DIRECTORY.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { parseArgs, promisify } from 'node:util';
import { stringify } from 'yaml';
import { startNginx, startPeer } from '../test/fixtures/peers.js';
import { makePki, pkiFiles } from '../test/fixtures/pki.js';
import { command, oneRoute } from '../test/fixtures/proxy.js';
const execute = promisify(execFile);
const connections = 32;
const json = '{"device":"a1b2c3","state":"on","value":21.5}';
/** Units of proc(5)'s times in a second. */
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const { values } = parseArgs({
    options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '5' },
        'cpu-prof': { type: 'string' },
    },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
/** Runs a scenario with both proxies in turn and prints the table. Everything started is ended. */
export async function besideNginx(scenario) {
    const ends = [];
    try {
        await compare(scenario, ends);
    }
    finally {
        for (const end of ends.reverse())
            await end();
    }
}
async function compare(scenario, ends) {
    const scope = { teardown: (end) => ends.push(end) };
    const pki = await makePki();
    const upstream = await startNginx(scope, upstreamConfig, pkiFiles(pki));
    const nginx = await startNginx(scope, (port) => proxyConfig(port, upstream.port, scenario.nginx), pkiFiles(pki));
    const ours = await startOurs(scope, pki, upstream, scenario.ours);
    const subjects = [
        { name: 'nginx', url: `http://127.0.0.1:${nginx.port}/iot/x`, peer: nginx },
        { name: 'local-mtls-proxy', url: `http://127.0.0.1:${ours.port}/iot/x`, peer: ours },
    ];
    for (const subject of subjects)
        await turn(subject, Math.min(seconds, 3));
    const turns = new Map(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < rounds; round += 1) {
        // Every other round the other way round: neither always runs on what the one before has left.
        for (const subject of round % 2 === 0 ? subjects : [...subjects].reverse()) {
            turns.get(subject)?.push(await turn(subject, seconds));
        }
    }
    report(turns, `${scenario.name}: ${rounds} rounds of ${seconds} s, Node ${process.versions.node}, ${connections} connections`);
}
function upstreamConfig(port) {
    return `
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate server.crt;
    ssl_certificate_key server.key;
    ssl_client_certificate ca.pem;
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    keepalive_requests 100000000;
    default_type application/json;
    location / { return 200 '${json}'; }
  }`;
}
function proxyConfig(port, upstream, lines) {
    return `
  upstream api {
    server 127.0.0.1:${upstream};
    ${lines.upstream}
  }
  server {
    listen 127.0.0.1:${port};
    access_log access.log combined;
    keepalive_requests 100000000;
    location /iot/ {
      proxy_pass https://api/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host localhost:${upstream};
      proxy_ssl_certificate client.crt;
      proxy_ssl_certificate_key client.key;
      proxy_ssl_trusted_certificate ca.pem;
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;
      proxy_ssl_protocols TLSv1.2 TLSv1.3;
      ${lines.location}
    }
  }`;
}
/** The built command as a user runs it, its log to a file as nginx's is. */
function startOurs(scope, pki, upstream, { tls, route }) {
    const config = (port) => stringify({
        ...oneRoute(upstream.url, tls, route),
        listen: `127.0.0.1:${port}`,
        log: { level: 'info', format: 'json' },
    });
    const directory = values['cpu-prof'];
    const profile = directory === undefined ? '' : `--cpu-prof --cpu-prof-dir='${directory}'`;
    return startPeer(scope, {
        command: 'sh',
        args: () => ['-c', `exec '${process.execPath}' ${profile} '${command}' run --config proxy.yaml > proxy.log`],
        files: (port) => ({ ...pkiFiles(pki), 'proxy.yaml': config(port) }),
    });
}
/** @throws if a response was no 200, or a connection failed */
async function turn({ name, url, peer }, seconds) {
    const before = await cpuTime(peer.pid);
    const { stdout } = await execute('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url]);
    const spent = (await cpuTime(peer.pid)) - before;
    const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
    if (requests === 0 || /Non-2xx|Socket errors/.test(stdout))
        throw new Error(`${name} failed:\n${stdout}`);
    return { cost: (spent / requests) * 1e6, perSecond: requests / seconds };
}
/** CPU time that a process has used, its own and the kernel's for it, in seconds: utime and stime of proc(5). */
async function cpuTime(pid) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field, the name, may hold anything but ends with the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks;
}
function report(turns, title) {
    const rows = [...turns].map(([{ name }, all]) => {
        const costs = all.map(({ cost }) => cost).sort((a, b) => a - b);
        return { name, costs, cost: median(costs), perSecond: median(all.map((one) => one.perSecond)) };
    });
    const base = rows[0]?.cost ?? 0;
    console.log(`${title}\n`);
    console.log('proxy                µs CPU/request   lowest  highest   of nginx   requests/s');
    for (const { name, costs, cost, perSecond: rate } of rows) {
        const cells = [
            name.padEnd(18),
            cost.toFixed(1).padStart(17),
            (costs[0] ?? 0).toFixed(1).padStart(9),
            (costs.at(-1) ?? 0).toFixed(1).padStart(9),
            (cost / base).toFixed(2).padStart(11),
            rate.toFixed(0).padStart(13),
        ];
        console.log(cells.join(''));
    }
}
function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
//# sourceMappingURL=beside-nginx.js.map