import { join } from 'node:path';
import t from 'tap';
import { render } from '../../src/config/diagnostic.js';
import { loadText } from './load-text.js';
const text = `listen: 127.0.0.1:8080
lisen: 127.0.0.1:8081
log:
\tlevel: loud
drain: soon
routes:
  - name: iot
    match: { path: /iot }
    upstream: https://device.example.com:8743/api
    timeouts: { connect: 5s, connect: 6s }
    tls:
      cert: gone.crt
      key: a.pem
      versions: [TLSv1.2, SSLv3]
      timout: 5s
  - name: other
    match: { path: /iot }
    upstream: http://device.example.com
`;
t.test('E8 unknown key, wrong type, missing file, duplicate route, tab and duplicate key come at once, each with its place', async (t) => {
    const { config, problems, file, folder } = loadText(t, text);
    const expected = [
        ['2:1', 'unknown key "lisen", did you mean "listen"?', 'lisen: 127.0.0.1:8081', '^'],
        ['4:1', 'a tab cannot indent in YAML; use spaces', '\tlevel: loud', '^'],
        [
            '4:9',
            '"level" must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
            '\tlevel: loud',
            '\t       ^',
        ],
        ['5:8', '"drain" must be a duration such as 500ms, 5s, 2m, 1h or 0, not "soon"', 'drain: soon', '       ^'],
        [
            '10:30',
            '"connect" is written twice in this map',
            '    timeouts: { connect: 5s, connect: 6s }',
            `${' '.repeat(29)}^`,
        ],
        [
            '12:13',
            `cannot read ${join(folder, 'gone.crt')}: there is no such file`,
            '      cert: gone.crt',
            `${' '.repeat(12)}^`,
        ],
        ['14:27', '"each item of "versions""', '      versions: [TLSv1.2, SSLv3]', `${' '.repeat(26)}^`],
        ['15:7', 'unknown key "timout"; known here: ', '      timout: 5s', '      ^'],
        [
            '17:12',
            'the route on line 7 matches the same requests; give one another path, host or listen',
            '    match: { path: /iot }',
            `${' '.repeat(11)}^`,
        ],
        [
            '18:15',
            '"upstream" must be a URL such as https://host:8743/base, not "http://device.example.com": this proxy speaks TLS to the upstream',
            '    upstream: http://device.example.com',
            `${' '.repeat(14)}^`,
        ],
    ];
    t.equal(config, undefined);
    t.equal(problems.length, expected.length);
    for (const [index, [place, message = '', ...lines]] of expected.entries()) {
        const [head = '', ...shown] = problems.map(render)[index]?.split('\n') ?? [];
        t.same(shown, lines, `the line and the caret of ${place}`);
        t.ok(head.startsWith(`${file}:${place}: ${message.startsWith('"each') ? 'each item of "versions" must be' : message}`), head);
    }
});
//# sourceMappingURL=e8-all-problems-at-once.test.js.map