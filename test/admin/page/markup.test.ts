import t from 'tap';
import { escapeHtml, html, prose } from '../../../src/admin/page/markup.ts';

const hostile = `<img src=x onerror=alert(1)> & "quoted" 'too'`;
const escaped = '&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot; &#39;too&#39;';

t.test('values are escaped, in text and in attributes', async (t) => {
  t.equal(String(html`<p title="${hostile}">${hostile}</p>`), `<p title="${escaped}">${escaped}</p>`);
});

t.test('markup is not escaped again, lists are joined, and nothing is shown of undefined and false', async (t) => {
  const inner = html`<b>${'<'}</b>`;
  t.equal(String(html`${inner}${[inner, 'a', 1]}${undefined}${false}${[]}${0}`), '<b>&lt;</b><b>&lt;</b>a10');
});

t.test('control characters and those that turn the direction of writing are shown as such', async (t) => {
  t.equal(escapeHtml('a\u0000b\u001b[31mc\u202ed\ne'), 'a\ufffdb\ufffd[31mc\ufffdd\ne');
  t.equal(escapeHtml('Zoë, 東京, עברית'), 'Zoë, 東京, עברית');
});

t.test('what stands between backticks is code', async (t) => {
  t.equal(String(prose('set `a: <b>`, or `c`')), 'set <code>a: &lt;b&gt;</code>, or <code>c</code>');
  t.equal(String(prose('one ` alone <')), 'one ` alone &lt;');
});
