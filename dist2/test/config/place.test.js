import t from 'tap';
import { nodeNear, writtenAt } from '../../src/config/place.js';
import { parseTree } from '../../src/config/tree.js';
const text = `defaults: { tls: { cert: standard, versions: [x] } }
routes:
  - tls: { key: own }
  - tls: { cert: other }
  - name: c
listen: one
`;
const { root } = parseTree(text, {});
const near = (...path) => text.slice(nodeNear(root, path).offset).split(/[ \n,]/)[0];
t.test('a setting is where the route wrote it, else in the defaults, else around it', async (t) => {
    t.equal(near('routes', 1, 'tls', 'cert'), 'other');
    t.equal(near('routes', 0, 'tls', 'cert'), 'standard');
    t.equal(near('routes', 2, 'tls', 'cert'), 'standard');
    t.equal(near('routes', 0, 'tls', 'versions', 0), 'x]');
    t.equal(near('routes', 0, 'tls', 'versions', 5), '[x]', 'the nearest node where there is no such item');
    t.equal(near('routes', 0, 'tls', 'pins', 0), '{', 'the route’s own map comes first');
    t.equal(nodeNear(root, ['routes', 0, 'tls', 'pins']).offset, text.indexOf('{ key: own }'));
    t.equal(near('listen', 0), 'one', 'a list of one may be written without brackets');
    t.equal(near('nothing'), 'defaults:');
    t.equal(near('routes', 9), '-');
});
t.test('what is written and what is not', async (t) => {
    t.match(writtenAt(root, ['routes', 0, 'tls', 'cert']), { text: 'standard' });
    t.equal(writtenAt(root, ['routes', 0, 'tls', 'ca']), undefined);
    t.match(writtenAt(root, ['listen']), { text: 'one' });
});
//# sourceMappingURL=place.test.js.map